"""The addresses of everything a person sees."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from server.web import (
    account,
    enrolment_pages,
    fleet_pages,
    import_pages,
    integrity_pages,
    kiosk_page,
    pages,
    proof_pages,
    settings_pages,
)

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", require_POST(set_language), name="language"),
    path("units/<str:code>/", pages.unit_page, name="unit"),
    path("units/<str:code>/figures.csv", pages.unit_csv, name="unit-csv"),
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
