"""Names the room for Django."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "server.ingest"
    label = "ingest"
