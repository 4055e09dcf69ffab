"""Names the room for Django."""

from django.apps import AppConfig


class FlagsConfig(AppConfig):
    name = "server.flags"
    label = "flags"
