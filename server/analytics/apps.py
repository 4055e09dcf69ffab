"""Names the room for Django."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "server.analytics"
    label = "analytics"
