"""Names the room for Django."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "server.dossiers"
    label = "dossiers"
