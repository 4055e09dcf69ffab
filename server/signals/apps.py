"""Names the room for Django."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "server.signals"
    label = "signals"
