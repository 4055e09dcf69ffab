"""Names the room for Django."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "server.organisation"
    label = "organisation"
