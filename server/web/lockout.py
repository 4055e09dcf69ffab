"""After too many wrong passwords: a wait, for one account from one address, and for an address.

A try is claimed before the password is looked at, by a conditional update, so that many tries
at once are still counted one by one, by however many workers; whoever signs in gives the claims
back. An address is what server.address makes of it: all of an IPv6 /64 is one.
"""

import hashlib
from dataclasses import dataclass

from django.db.models import F

from server.web.models import SignInTries


@dataclass(frozen=True)
class Limit:
    """At most `tries` within `wait_ms`, counted from the first try, or if `renewed` the last."""

    tries: int
    wait_ms: int
    renewed: bool


ACCOUNT = Limit(tries=5, wait_ms=5 * 60_000, renewed=True)  # one name from one address
ADDRESS = Limit(tries=20, wait_ms=60_000, renewed=False)  # a whole office may share one


def claim_try(*, username: str, address: str, now_ms: int) -> Limit | None:
    """None if a password may be tried now, else the limit that forbids it; a wait never grows."""
    limits = [(ACCOUNT, _account_key(username, address)), (ADDRESS, _address_key(address))]
    # Read first: a flood that has met its limit writes nothing any more.
    for limit, key in limits:
        full = SignInTries.objects.filter(key=key, tries__gte=limit.tries, until_ms__gt=now_ms)
        if full.exists():
            return limit
    SignInTries.objects.filter(until_ms__lte=now_ms).delete()
    # The address comes first: past its limit no row is made for one more name.
    for limit, key in reversed(limits):
        if not _claim(key, limit, now_ms):
            return limit
    return None


def forget_tries(*, username: str, address: str) -> None:
    """The password was right."""
    SignInTries.objects.filter(key=_account_key(username, address)).delete()
    # One try alone: an account of one's own must not buy tries at the others'.
    SignInTries.objects.filter(key=_address_key(address), tries__gt=0).update(tries=F("tries") - 1)


def _claim(key: str, limit: Limit, now_ms: int) -> bool:
    until_ms = now_ms + limit.wait_ms
    SignInTries.objects.bulk_create(
        [SignInTries(key=key, until_ms=until_ms)], ignore_conflicts=True
    )
    renewal = {"until_ms": until_ms} if limit.renewed else {}
    tries = SignInTries.objects.filter(key=key, tries__lt=limit.tries)
    return tries.update(tries=F("tries") + 1, **renewal) == 1


def _account_key(username: str, address: str) -> str:
    """Hashed: people type passwords into the wrong box, and an address is nobody's business."""
    return hashlib.sha256(f"{username.casefold()}\n{address}".encode()).hexdigest()


def _address_key(address: str) -> str:
    """No account key is made of one line."""
    return hashlib.sha256(address.encode()).hexdigest()
