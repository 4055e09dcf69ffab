"""Tries at signing in: the one thing that the pages themselves keep."""

from django.db import models


class SignInTries(models.Model):
    """Tries from one address, or there for one account name (hashed), forgotten at until_ms."""

    key = models.CharField(primary_key=True, max_length=64)
    tries = models.PositiveIntegerField(default=0)
    until_ms = models.BigIntegerField(db_index=True)
