"""How every kiosk stands now, for the list, the tree and the CSV; bounded queries at any size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from protocol.status import BadStatus, Status, read_status
from server.fleet.health import outages
from server.fleet.hours import Hours, hours_of
from server.fleet.uptime import ASSUMED, Span, excused, is_open, is_silent
from server.ingest.selectors import KioskDetail, KioskState, kiosk_details, kiosk_states
from server.organisation.access import Account, units_with_kiosks, units_with_lines
from server.organisation.selectors import counters_by_code, holidays_of_units
from server.votes.selectors import last_votes, never_pressed
from server.web import kiosk_words, months

LIVE, FAILING, SILENT, NEVER, SHUT = "live", "failing", "silent", "never", "shut"
# What the list may be narrowed to, in the order of the page.
SHOWS: Final = ("live", "failing", "silent", "open", "attention", "unpressed", "never")
OUTAGES_BACK_MS = 400 * 86_400_000


@dataclass(frozen=True, slots=True)
class Stand:
    """A kiosk and how it stands: live, failing (it is heard, but citizens cannot rate as they
    should), silent, never (not enrolled), shut (revoked or closed)."""

    kiosk: KioskState
    standing: str
    attention: bool


@dataclass(frozen=True)
class Fleet:
    """The kiosks that a reader may see. units: by code; lines: of which they may see the lines."""

    units: dict[str, Any]
    lines: set[str]
    stands: list[Stand]
    now_ms: int


@dataclass(frozen=True)
class Row:
    """A kiosk as a list shows it, times on its unit's clock.

    seen: None if never, or if the reader must not see single lines arrive; unsent, last_vote and
    acked likewise. marks: what somebody should look at, in words.
    """

    stand: Stand
    detail: KioskDetail
    unit: Any
    counter: Any
    words: str
    seen: datetime | None
    status: Status | None
    told: datetime | None
    offset_ms: int | None
    marks: list[str]
    lines: bool
    unsent: int | None
    last_vote: datetime | None

    @property
    def id(self) -> str:
        return self.stand.kiosk.id

    @property
    def name(self) -> str:
        return self.detail.name or self.id


def read_fleet(*, account: Account, now_ms: int, units: Iterable[str] | None = None) -> Fleet:
    """All kiosks that the account may see, or those of some of these units."""
    seen = {unit.code: unit for unit in units_with_kiosks(account)}
    if units is not None:
        wanted = set(units)
        seen = {code: unit for code, unit in seen.items() if code in wanted}
    states = kiosk_states(list(seen))
    return Fleet(
        units=seen,
        lines=units_with_lines(account, seen.values()),
        stands=stand_all(states, now_ms),
        now_ms=now_ms,
    )


def stand_all(states: Sequence[KioskState], now_ms: int) -> list[Stand]:
    """How each kiosk stands now."""
    since_ms = min((state.seen_ms for state in states if state.seen_ms), default=now_ms)
    down = outages(since_ms=max(since_ms, now_ms - OUTAGES_BACK_MS), now_ms=now_ms)
    free = excused(down)
    return [_stand(state, now_ms, free) for state in states]


def _stand(state: KioskState, now_ms: int, free: Sequence[Span]) -> Stand:
    attention = state.body is not None or state.state in ("forked", "revoked")
    if not state.state:
        return Stand(state, NEVER, attention=False)
    if state.state in ("closed", "revoked"):
        return Stand(state, SHUT, attention)
    silent = is_silent(
        seen_ms=state.seen_ms, heartbeat_s=state.heartbeat_s, now_ms=now_ms, free=free
    )
    if silent:
        return Stand(state, SILENT, attention)
    status = read_kept(state.body)
    failing = status is not None and not kiosk_words.FAILING.isdisjoint(status.attention)
    return Stand(state, FAILING if failing else LIVE, attention)


def narrow(fleet: Fleet, show: str) -> list[Stand]:
    """The kiosks of one of SHOWS; all of them for anything else."""
    if show in (LIVE, FAILING, SILENT, NEVER):
        return [stand for stand in fleet.stands if stand.standing == show]
    if show == "attention":
        return [stand for stand in fleet.stands if stand.attention]
    if show == "open":
        return _silent_while_open(fleet)
    if show == "unpressed":
        found = _never_pressed(fleet.stands, fleet)
        return [stand for stand in fleet.stands if stand.kiosk.id in found]
    return fleet.stands


def _silent_while_open(fleet: Fleet) -> list[Stand]:
    silent = [stand for stand in fleet.stands if stand.standing == SILENT]
    known = hours_of([stand.kiosk.id for stand in silent])
    # Some kiosk's clock may have reached the next day, or not yet this one.
    around = [
        datetime.fromtimestamp(fleet.now_ms / 1000, UTC).date() + timedelta(days=step)
        for step in (-1, 1)
    ]
    holidays = holidays_of_units({stand.kiosk.unit for stand in silent}, *around)
    found = []
    for stand in silent:
        hours = known.get(stand.kiosk.id)
        if hours is None:
            hours = Hours(ASSUMED, ZoneInfo(fleet.units[stand.kiosk.unit].timezone))
        closed = holidays[stand.kiosk.unit]
        if is_open(fleet.now_ms, hours=hours.hours, zone=hours.zone, holidays=closed):
            found.append(stand)
    return found


def _never_pressed(stands: Sequence[Stand], fleet: Fleet) -> dict[str, list[int]]:
    zones = {unit.timezone for unit in fleet.units.values()} or {"UTC"}
    today = max(months.local_time(fleet.now_ms, zone).date() for zone in zones)
    # Which rating nobody pressed says how each of those citizens voted, and the day on which the
    # mark goes, how one of them did: not for those who know whom they served.
    shown = [stand.kiosk.id for stand in stands if stand.kiosk.unit in fleet.lines]
    all_of_many = len(shown) == len(stands) > 500
    return never_pressed(today=today, kiosks=None if all_of_many else shown)


def read_rows(fleet: Fleet, stands: Sequence[Stand]) -> list[Row]:
    """What a list shows of these kiosks (a page of them): five queries, however many they are."""
    ids = [stand.kiosk.id for stand in stands]
    details = kiosk_details(ids)
    counters = counters_by_code({detail.counter for detail in details.values()})
    with_lines = [stand.kiosk.id for stand in stands if stand.kiosk.unit in fleet.lines]
    votes = last_votes(with_lines)
    unpressed = _never_pressed(stands, fleet) if stands else {}
    return [
        _row(
            fleet,
            stand,
            details[stand.kiosk.id],
            counters.get(details[stand.kiosk.id].counter),
            votes.get(stand.kiosk.id),
            unpressed.get(stand.kiosk.id, []),
        )
        for stand in stands
        if stand.kiosk.id in details
    ]


def _row(
    fleet: Fleet,
    stand: Stand,
    detail: KioskDetail,
    counter: Any,
    vote_ms: int | None,
    unpressed: list[int],
) -> Row:
    unit = fleet.units[stand.kiosk.unit]
    lines = unit.code in fleet.lines
    status = read_kept(detail.body)
    seen_ms = stand.kiosk.seen_ms if lines or stand.standing not in (LIVE, FAILING) else 0
    return Row(
        stand=stand,
        detail=detail,
        unit=unit,
        counter=counter,
        words=kiosk_words.standing_words(stand.standing, stand.kiosk.state, status),
        seen=months.local_time(seen_ms, unit.timezone) if seen_ms else None,
        status=status,
        told=months.local_time(detail.status_ms, unit.timezone) if detail.status_ms else None,
        offset_ms=offset_ms(status, detail.status_ms),
        marks=kiosk_words.marks(status, stand.kiosk.state, unpressed),
        lines=lines,
        unsent=status.unsent if status is not None and lines else None,
        last_vote=months.local_time(vote_ms, unit.timezone) if vote_ms else None,
    )


def read_kept(body: bytes | None) -> Status | None:
    """The status as it was kept; None if there is none, or none that this version can read."""
    try:
        return None if body is None else read_status(body)
    except BadStatus:
        return None


def offset_ms(status: Status | None, received_ms: int | None) -> int | None:
    """How far the kiosk's wall clock was ahead of ours when its status came; the way included."""
    return None if status is None or received_ms is None else status.wall_ms - received_ms
