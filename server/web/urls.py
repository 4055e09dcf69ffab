"""The addresses of everything a person sees."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from server.web import account, pages

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("language/", require_POST(set_language), name="language"),
    path("units/<str:code>/", pages.unit_page, name="unit"),
    path("units/<str:code>/figures.csv", pages.unit_csv, name="unit-csv"),
    path("kiosks/", pages.kiosks, name="kiosks"),
]
