"""Names the room for Django."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    name = "server.inspection"
    label = "inspection"
