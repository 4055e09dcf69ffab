"""`compare`: what two inspectors or kiosks pinned, put side by side."""

from collections.abc import Sequence
from itertools import pairwise

from auditor.pins import Pin, check_pins
from auditor.place import Place
from auditor.report import Report
from auditor.trust import Signed, follow, open_log, split_rotations
from protocol.checkpoint import LogKey, open_checkpoint
from protocol.note import BadNote
from protocol.tiles import BadTile, TiledTree


def compare(
    pins: Sequence[Pin], key: LogKey | None, place: Place | None, report: Report
) -> None:  # fmt: skip
    """Two roots for one size contradict; other sizes are told by the tiles of `place`, if given.

    Without a key nobody's signature is checked: agreement is then no proof.
    """
    keys = None
    if key is not None:
        keys = follow(key, split_rotations((place and place.note("rotations")) or b""))
        pins = [pin for pin in pins if _is_signed(pin, keys, report)]
    else:
        report.leave("signatures_unchecked")
    _compare_all(pins, report, told=place is not None)
    if place is None or keys is None:
        return
    now = open_log(place.note("checkpoint") or b"", keys, report)
    if now is not None:
        _compare_with_log(pins, now, keys, place, report)


def _is_signed(pin: Pin, keys: list[LogKey], report: Report) -> bool:
    try:
        open_checkpoint(pin.signed.note, keys)
    except BadNote:
        report.leave("pin_unsigned", source=pin.source, origin=pin.signed.checkpoint.origin,
                     size=pin.signed.checkpoint.size)  # fmt: skip
        return False
    return True


def _compare_all(pins: Sequence[Pin], report: Report, *, told: bool) -> None:
    """Each pin with the first of its size, and each size with the next: thousands take no longer
    than their number."""
    first: dict[int, Pin] = {}
    for pin in pins:
        found = pin.signed.checkpoint
        if found.origin != pins[0].signed.checkpoint.origin:
            report.leave("pin_unsigned", source=pin.source, origin=found.origin, size=found.size)
            continue
        before = first.setdefault(found.size, pin)
        if before is not pin:
            _compare_two(before, pin, report)
    if not told:
        for (size, one), (now, other) in pairwise(sorted(first.items())):
            report.leave("sizes_differ", a=one.source, b=other.source, size=size, now=now)


def _compare_two(one: Pin, other: Pin, report: Report) -> None:
    size = one.signed.checkpoint.size
    if one.signed.checkpoint.root != other.signed.checkpoint.root:
        report.against("two_roots", a=one.source, b=other.source, size=size)
        report.notes += [one.signed.note.decode(), other.signed.note.decode()]
    else:
        report.prove("same_root", a=one.source, b=other.source, size=size)


def _compare_with_log(
    pins: Sequence[Pin], now: Signed, keys: list[LogKey], place: Place, report: Report
) -> None:  # fmt: skip
    tree = TiledTree(now.checkpoint.size, place.tile)
    try:
        root = tree.root()
    except BadTile as error:
        report.against("root_unread", why=str(error))
        return
    if root != now.checkpoint.root:
        report.against("root", size=now.checkpoint.size)
        return
    fitted, largest = check_pins(pins, now=now, keys=keys, root_at=tree.root, report=report)
    if fitted:
        report.prove("pins", pins=fitted, size=largest)
