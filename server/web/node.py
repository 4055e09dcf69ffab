"""A unit with all beneath it: as units stood then, or as they are today; what cannot be mapped."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.analytics.selectors import (
    Display,
    Figure,
    NodeFigures,
    Response,
    States,
    compare,
    limited,
    node_figures,
    responses_each,
    shown_as,
)
from server.organisation.access import Account, visible_units
from server.organisation.selectors import beneath, successions, units_of_codes
from server.web import months, words
from server.web.figures import Shown

View = Literal["as-was", "as-is"]
MOST, MOST_BARS = 400, 150
_WHY = {
    "ended": N_("{0}: {1} lượt; đã kết thúc mà chưa ghi đủ đơn vị kế thừa."),
    "split": N_("{0}: {1} lượt; đã chia cho nhiều đơn vị ({2})."),
    "not-yet": N_("{0}: {1} lượt; hôm nay chưa hoạt động."),
    "unknown": N_("{0}: {1} lượt; không có đơn vị này trong danh sách."),
}


@dataclass(frozen=True)
class Below:
    """One unit of the table. open: the reader may open its page; own: it is the unit itself.
    figure: as far as display says that it may be shown."""

    code: str
    name: str
    figure: Figure
    open: bool
    own: bool
    display: Display
    states: States
    response: Response | None


@dataclass(frozen=True)
class Lost:
    """Votes of an old unit that belong to no one unit of today; words: which, how many and why."""

    code: str
    name: str
    n: int
    words: str


@dataclass(frozen=True)
class Node:
    """A unit's figures with all beneath it. below: it has units beneath it, not predecessors alone.
    lost: how much cannot be mapped, in words, and each old unit; both empty as-was.
    left_out: rows beyond MOST."""

    below: bool
    total: Figure
    display: Display
    rows: list[Below]
    differ: str | None
    states: States
    left_out: int
    lost: str
    each: list[Lost]
    as_of: datetime | None

    @property
    def bars(self) -> bool:
        """Whether each unit has its bar: drawing hundreds takes its time, and nobody reads them."""
        return len(self.rows) <= MOST_BARS


def read_node(account: Account, shown: Shown, view: View) -> Node | None:
    """None for a unit that never had one beneath it in the period, nor succeeded one.

    The caller has asked access.may_see_unit.
    """
    first, last = shown.period.first, shown.period.last
    others = {member.unit for member in beneath(shown.unit, first, last)} - {shown.unit}
    if not others and not any(
        link.successor_id == shown.unit for link in successions([shown.unit])
    ):
        return None
    now_ms = months.utc_ms()
    found = node_figures(
        unit=shown.unit, period=shown.period, today=shown.today, view=view, now_ms=now_ms
    )
    named = {*found.units, *found.unmapped, *(p for u in found.unmapped.values() for p in u.parts)}
    # As-was also those without a vote: they stood there.
    listed = {*found.units, *(others if view == "as-was" else ())}
    units = {unit.code: unit for unit in units_of_codes(named | listed)}
    names = {code: unit.name for code, unit in units.items()}
    zone = units[shown.unit].timezone if shown.unit in units else "Asia/Ho_Chi_Minh"
    may_open = {unit.code for unit in visible_units(account)}
    # By the rules of the unit whose page it is: one table, one rule.
    figures = {code: found.units.get(code, Figure()) for code in sorted(listed)}
    # Units of today have votes of others, who were served elsewhere.
    came = responses_each(units=list(figures), period=shown.period) if view == "as-was" else {}
    compared = compare(figures, person=False, rules=shown.rules)
    rows = [
        Below(
            code, names.get(code, code), limited(figure, compared.rows[code]), code in may_open,
            code == shown.unit, compared.rows[code], found.states_by.get(code, States()),
            came.get(code),
        )
        for code, figure in figures.items()
    ]  # fmt: skip
    display = shown_as(found.total, person=False, rules=shown.rules)
    return Node(
        below=bool(others),
        total=limited(found.total, display),
        display=display,
        rows=rows[:MOST],
        differ=compared.differ,
        states=found.states,
        left_out=max(0, len(rows) - MOST),
        lost=_lost(found),
        each=_each(found, names),
        as_of=months.local_time(found.as_of_ms, zone) if found.as_of_ms else None,
    )


def _lost(found: NodeFigures) -> str:
    """How much of the view cannot be mapped; empty if nothing."""
    n = sum(each.n for each in found.unmapped.values())
    if not n:
        return ""
    share = words.percent(Fraction(n, n + found.total.n))
    text = gettext("{0} lượt ({1}) không quy được về một đơn vị của hôm nay, nên không có ở đây:")
    return text.format(words.whole(n), share)


def _each(found: NodeFigures, names: dict[str, str]) -> list[Lost]:
    """The old units that cannot be mapped, the most votes first."""
    told = sorted(found.unmapped.items(), key=lambda row: (-row[1].n, row[0]))
    return [
        Lost(
            code,
            names.get(code, code),
            lost.n,
            gettext(_WHY.get(lost.why, _WHY["unknown"])).format(
                names.get(code, code),
                words.whole(lost.n),
                ", ".join(names.get(part, part) for part in lost.parts),
            ),
        )
        for code, lost in told
    ]
