"""The addresses of everything a person sees."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from server.web import (
    account,
    catalogue_pages,
    counters_pages,
    duty_pages,
    enrolment_pages,
    fleet_pages,
    import_pages,
    integrity_pages,
    kiosk_page,
    officials_pages,
    organisation_pages,
    own_pages,
    pages,
    proof_pages,
    ruling_pages,
    settings_pages,
    units_pages,
)

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", require_POST(set_language), name="language"),
    path("units/", units_pages.units, name="units"),
    path("units/<str:code>/", pages.unit_page, name="unit"),
    path("units/<str:code>/figures.csv", pages.unit_csv, name="unit-csv"),
    path("units/<str:code>/organisation/", organisation_pages.organisation, name="organisation"),
    path("units/<str:code>/counters/", counters_pages.counters, name="counters"),
    path("units/<str:code>/officials/", officials_pages.officials, name="officials"),
    path("units/<str:code>/holidays/", catalogue_pages.unit_holidays, name="unit-holidays"),
    path("units/<str:code>/duty/", duty_pages.duty, name="duty"),
    path("units/<str:code>/duty/<str:counter>/<str:day>/", duty_pages.duty_day, name="duty-day"),
    path("units/<str:code>/rulings/", ruling_pages.rulings_of, name="rulings"),
    path("units/<str:code>/rulings/new/", ruling_pages.ruling_new, name="ruling-new"),
    path("units/<str:code>/rulings/<str:number>/", ruling_pages.ruling, name="ruling"),
    path("own/", own_pages.own, name="own"),
    path("procedures/", catalogue_pages.procedures, name="procedures"),
    path("holidays/", catalogue_pages.holidays, name="holidays"),
    path("kiosks/new/", enrolment_pages.kiosk_new, name="kiosk-new"),
    path("kiosks/<str:id>/code/", enrolment_pages.kiosk_code, name="kiosk-code"),
    path("kiosks/<str:id>/revoke/", enrolment_pages.kiosk_revoke, name="kiosk-revoke"),
    path("kiosks/<str:id>/settings/", settings_pages.kiosk_settings, name="kiosk-settings"),
    path("settings/", settings_pages.settings, name="settings"),
    path("settings/<str:level>/<str:code>/", settings_pages.settings_of, name="settings-of"),
    path(
        "settings/<str:level>/<str:code>/history/",
        settings_pages.settings_history,
        name="settings-history",
    ),
    path("kiosks/", fleet_pages.kiosks, name="kiosks"),
    path("kiosks.csv", fleet_pages.kiosks_csv, name="kiosks-csv"),
    path("kiosks/<str:id>/", kiosk_page.kiosk_page, name="kiosk"),
    path("imports/", import_pages.imports, name="imports"),
    path("imports/<str:kind>/", import_pages.import_of, name="import"),
    path("imports/<str:kind>/template.csv", import_pages.template, name="import-template"),
    path("imports/<str:number>/undo/", import_pages.undo, name="import-undo"),
    path("proof/", proof_pages.proof_ask, name="proof-ask"),
    path("proof/<str:code>/", proof_pages.proof, name="proof"),
    path("proof/<str:code>", proof_pages.proof),  # a kiosk's QR ends with the code
    path("proof/<str:code>/proof.txt", proof_pages.proof_text, name="proof-text"),
    path("integrity/", integrity_pages.integrity, name="integrity"),
    path("integrity/reports/<str:id>/", integrity_pages.integrity_report, name="integrity-report"),
    path("kiosks/<str:id>/orders/", kiosk_page.kiosk_order, name="kiosk-order"),
]
