"""What a restored server must not do: say again what it has said since the backup was made."""

from django.conf import settings
from django.db import connection

from protocol.configuration import sign_config
from server.database import Cursor
from server.fleet.models import Configuration, EnrolmentCode
from server.ledger.services import record_deed

CHUNK = 500
WHY = "restored from a backup"


def begin_anew(*, made_ms: int, now_ms: int) -> int:
    """Record the restore; let codes lapse and configurations begin above all that were given out.

    made_ms: the backup's time. Returns how many kiosks get a configuration of a new version.
    """
    # Later than the backup, whatever this machine believes: see `ledger.selectors.restored_at`.
    at_ms = max(now_ms, made_ms + 1)
    with connection.cursor() as cursor:
        record_deed(
            Cursor(cursor, sqlite=False),  # Django's cursor takes %s on both
            unit="",
            journal="server",
            type="restored",
            seq=at_ms,
            at_ms=at_ms,
            data={"made_ms": made_ms, "at_ms": at_ms},
        )
    # One that was used since the backup would be good once more.
    EnrolmentCode.objects.filter(used_key="").delete()
    return _renew_configurations(at_ms)


def _renew_configurations(at_ms: int) -> int:
    """What each kiosk shall show, unchanged, as a version that is higher than any it holds.

    A kiosk refuses a lower version than it holds, and versions that were published after the
    backup are known to nobody here: the time is above them all, for they grow by one.
    """
    newest: dict[str, int] = {}
    for kiosk, version in Configuration.objects.values_list("kiosk_id", "version"):
        newest[kiosk] = max(version, newest.get(kiosk, 0))
    pairs = sorted(newest.items())
    for start in range(0, len(pairs), CHUNK):
        Configuration.objects.bulk_create(
            _renewed(kiosk, version, at_ms) for kiosk, version in pairs[start : start + CHUNK]
        )
    return len(pairs)


def _renewed(kiosk: str, version: int, at_ms: int) -> Configuration:
    """The same body under a note of its own."""
    row = Configuration.objects.get(kiosk_id=kiosk, version=version)
    row.version = max(version + 1, at_ms)
    row.note = sign_config(
        server=settings.DATA.server_name,
        kiosk=kiosk,
        version=row.version,
        body=bytes(row.body),
        key=settings.DATA.signing_key("config"),
    )
    row.made_ms, row.by, row.why = at_ms, "restore", WHY
    return row
