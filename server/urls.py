"""Every address that Django answers; the kiosks' doors are taken before Django (wsgi.py)."""

from django.urls import URLPattern, URLResolver, include, path

from server.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("", include("server.web.urls")),
]
