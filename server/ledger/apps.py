"""Names the room for Django."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "server.ledger"
    label = "ledger"
