"""Names the room for Django."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "server.importing"
    label = "importing"
