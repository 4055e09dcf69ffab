"""After five wrong passwords for one account from one address: a wait.

A try is claimed before the password is looked at, by one conditional update, so that many tries
at once are still counted one by one; whoever signs in gives the claims back.
"""

import hashlib

from django.db.models import F

from server.web.models import SignInTries

TRIES = 5
WAIT_MS = 5 * 60 * 1000


def claim_try(*, username: str, address: str, now_ms: int) -> bool:
    """True if a password may be tried now; False during the wait, which a try does not lengthen."""
    SignInTries.objects.filter(until_ms__lte=now_ms).delete()
    key = _key(username, address)
    SignInTries.objects.bulk_create(
        [SignInTries(key=key, until_ms=now_ms + WAIT_MS)], ignore_conflicts=True
    )
    claimed = SignInTries.objects.filter(key=key, tries__lt=TRIES).update(
        tries=F("tries") + 1, until_ms=now_ms + WAIT_MS
    )
    return claimed == 1


def forget_tries(*, username: str, address: str) -> None:
    """The password was right."""
    SignInTries.objects.filter(key=_key(username, address)).delete()


def _key(username: str, address: str) -> str:
    """Hashed: people type passwords into the wrong box, and an address is nobody's business."""
    return hashlib.sha256(f"{username.casefold()}\n{address}".encode()).hexdigest()
