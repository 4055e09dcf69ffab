"""Signing what kiosks shall show, as new versions where it differs, many kiosks at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from protocol.configuration import Config, encode_config, sign_config
from server.fleet.configuration import make_configs
from server.fleet.models import BadgeMade, Configuration
from server.fleet.verifying import Newest, Verifiers, verifiers_held

BATCH = 50  # kiosks that share one transaction


@dataclass
class Published:
    """The newest version of each kiosk; which of them are new; and who could not be told, why."""

    versions: dict[str, int] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    failed: dict[str, Exception] = field(default_factory=dict)

    def add(self, other: "Published") -> None:
        self.versions |= other.versions
        self.new |= other.new
        self.failed |= other.failed


def publish(kiosks: Sequence[str], *, now_ms: int, by: str = "", why: str = "") -> Published:
    """Tell each kiosk what it shall show now, in transactions of BATCH kiosks.

    A crash leaves some with what they had; the next publication tells those.
    """
    done = Published()
    for batch in _batches(kiosks):
        done.add(_publish_batch(batch, now_ms=now_ms, by=by, why=why))
    return done


def _publish_batch(kiosks: Sequence[str], *, now_ms: int, by: str, why: str) -> Published:
    # Read first: if somebody publishes while the bodies are made, their version is in our way.
    newest = newest_of(kiosks)
    held = verifiers_held(newest)
    held |= {kiosk: Verifiers(kiosk) for kiosk in kiosks if kiosk not in held}
    made, failed = make_configs(kiosks, held)
    done = Published(versions={k: found.version for k, found in newest.items()}, failed=failed)
    rows = [
        row
        for kiosk, config in made.items()
        if (row := _row(kiosk, config, newest.get(kiosk), now_ms, by, why))
    ]
    marks = [(kiosk, mark) for kiosk in kiosks for mark in held[kiosk].new_marks]
    try:
        with transaction.atomic():
            Configuration.objects.bulk_create(rows)
            BadgeMade.objects.bulk_create(
                [BadgeMade(kiosk=kiosk, mark=mark) for kiosk, mark in marks], ignore_conflicts=True
            )
    except IntegrityError:  # somebody published meanwhile: theirs is version n, ours comes after
        return _one_by_one(kiosks, now_ms=now_ms, by=by, why=why)
    done.versions |= {row.kiosk_id: row.version for row in rows}
    done.new = {row.kiosk_id for row in rows}
    return done


def _one_by_one(kiosks: Sequence[str], *, now_ms: int, by: str, why: str) -> Published:
    done = Published()
    for kiosk in kiosks:
        done.add(_publish_batch([kiosk], now_ms=now_ms, by=by, why=why))
    return done


def _row(
    kiosk: str, config: Config, newest: Newest | None, now_ms: int, by: str, why: str
) -> Configuration | None:
    """The next version, signed; None if the newest says the same."""
    body = encode_config(config)
    if newest is not None and newest.body == body:
        return None
    version = 1 if newest is None else newest.version + 1
    note = sign_config(
        server=settings.DATA.server_name,
        kiosk=kiosk,
        version=version,
        body=body,
        key=settings.DATA.signing_key("config"),
    )
    return Configuration(
        kiosk_id=kiosk,
        version=version,
        body=body,
        note=note,
        several=len(config.counters) > 1,
        made_ms=now_ms,
        heartbeat_s=config.heartbeat_every_s,
        by=by,
        why=why,
    )


def newest_of(kiosks: Sequence[str]) -> dict[str, Newest]:
    """The newest configuration of each kiosk that has one."""
    newer = Configuration.objects.filter(
        kiosk_id=OuterRef("kiosk_id"), version__gt=OuterRef("version")
    )
    rows = Configuration.objects.filter(~Exists(newer), kiosk_id__in=list(kiosks))
    return {row.kiosk_id: Newest(row.version, bytes(row.body), bytes(row.note)) for row in rows}


def _batches(kiosks: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(kiosks), BATCH):
        yield kiosks[start : start + BATCH]
