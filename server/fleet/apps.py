"""Names the room for Django."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "server.fleet"
    label = "fleet"
