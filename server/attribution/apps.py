"""Names the room for Django."""

from django.apps import AppConfig


class AttributionConfig(AppConfig):
    name = "server.attribution"
    label = "attribution"
