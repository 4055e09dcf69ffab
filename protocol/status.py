"""The status door: how a kiosk does, in its own words. The server keeps the last one only."""

from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from protocol.envelope import MAX_INT
from protocol.errors import ProtocolError
from protocol.records import Count, Int
from protocol.strict_json import parse_object

MAX_STATUS_BYTES: Final = 16_384
MAX_DIAGNOSTICS_BYTES: Final = 262_144
MAX_FAULTS: Final = 100
Word = Annotated[str, Meta(max_length=100)]


T = TypeVar("T")


class BadStatus(ProtocolError):
    """A status or diagnostics body that cannot be read."""


class StatusFault(msgspec.Struct, frozen=True, kw_only=True):
    """A part that does not work now, as in the record `fault`."""

    part: Word
    kind: Word
    since_ms: Int


class StatusDisk(msgspec.Struct, frozen=True, kw_only=True):
    """The card that holds the journal, in bytes; `low`: four fifths of it are used."""

    free: Count
    total: Count
    low: bool


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `PUT /api/v1/journals/<journal>/status`; unknown keys are ignored.

    wall_ms, mono_ms, sync: the kiosk's clocks as in a line, read when this was made. config: the
    version in force, null before the first; refused: the version that it could not use. unsent:
    lines not acknowledged. temperature_mc: thousandths of a degree Celsius. head, checkpoint:
    notes as text, the newest signed head and the newest verified checkpoint.
    """

    v: int
    software: Word
    boot: Word
    wall_ms: Count
    mono_ms: Count
    sync: bool
    uptime_s: Count
    config: Count | None
    refused: Count | None
    unsent: Count
    disk: StatusDisk | None
    temperature_mc: Int | None
    faults: Annotated[tuple[StatusFault, ...], Meta(max_length=MAX_FAULTS)]
    attention: Annotated[tuple[Word, ...], Meta(max_length=MAX_FAULTS)]
    """What a person has to look at, as words: disk, clock, configuration, sending, evidence …"""
    head: Annotated[str, Meta(max_length=1000)]
    checkpoint: Annotated[str, Meta(max_length=4000)] | None


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `PUT /api/v1/journals/<journal>/diagnostics`: what order `order` asked for."""

    v: int
    order: Annotated[int, Meta(ge=1, le=MAX_INT)]
    text: Annotated[str, Meta(max_length=200_000)]


def read_status(body: bytes) -> Status:
    """Raises BadStatus with a sentence."""
    return _read(body, Status, MAX_STATUS_BYTES)


def read_diagnostics(body: bytes) -> Diagnostics:
    """Raises BadStatus with a sentence."""
    return _read(body, Diagnostics, MAX_DIAGNOSTICS_BYTES)


def _read(body: bytes, kind: type[T], most_bytes: int) -> T:
    if len(body) > most_bytes:
        raise BadStatus(f"The body is longer than {most_bytes} bytes.")
    try:
        return msgspec.convert(parse_object(body), kind)
    except (msgspec.ValidationError, ValueError) as error:
        sentence = str(error).rstrip(".")
        raise BadStatus(f"The body cannot be read: {sentence}.") from None
