"""What the figures page and its CSV both show: one reading, so that they can never differ."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.http import QueryDict

from server.analytics.selectors import (
    Compared,
    Display,
    Figure,
    Period,
    Response,
    States,
    UnitFigures,
    compare,
    limited,
    shown_as,
    unit_figures,
)
from server.organisation.access import Account, may_see_officials
from server.organisation.selectors import Rules, counters_of, names_of, rules_of
from server.web import months, words

NOTHING, NO_DISPLAY, NO_STATES = Figure(), Display("nothing"), States()
TONES = (0x300, 0x301, 0x303, 0x309, 0x323)  # huyền, sắc, ngã, hỏi, nặng


@dataclass(frozen=True)
class Row:
    """One line of a table. today: None in a period without today, and for officials. figure: as
    far as display says that it may be shown. response: None where nobody counted who came."""

    code: str
    number: int | None
    name: str
    title: str
    figure: Figure
    today: int | None
    display: Display = NO_DISPLAY
    response: Response | None = None
    states: States = NO_STATES


@dataclass(frozen=True)
class Unattributed:
    """Votes that count for no official: why, how many, and how to mend it."""

    why: str
    words: str
    remedy: str
    n: int


@dataclass(frozen=True)
class Basis:
    """Votes that name an official, by what does: how many, and what it means."""

    basis: str
    words: str
    meaning: str
    n: int


@dataclass(frozen=True)
class Shown:
    """A unit's figures of a period as one reader may see them. officials: None if not theirs."""

    unit: str
    name: str
    today: date
    period: Period
    total: Row
    counters: list[Row]
    officials: list[Row] | None
    unattributed: list[Unattributed]
    bases: list[Basis]
    as_of: datetime | None
    rules: Rules
    states: States
    named: States
    counters_differ: str | None = None
    officials_differ: str | None = None

    @property
    def nobody(self) -> States:
        """Of the votes that name nobody."""
        return States(*(a - b for a, b in zip(self.states, self.named, strict=True)))

    @property
    def counts_nothing(self) -> bool:
        """No counters and no votes: there is nothing to say about the period."""
        return not self.counters and not self.total.figure.n


def satisfied(figure: Figure) -> Fraction | None:
    """The share satisfied as an exact fraction, so that halves round up; None without base."""
    if figure.counts is None:
        return None
    return Fraction(figure.counts[3] + figure.counts[4], figure.base)


def read_figures(*, account: Account, unit: Any, query: QueryDict, now_ms: int) -> Shown:
    """The figures of `unit` that `account` may see, for the period that `query` asks for.

    The caller has asked access.may_see_unit; officials are left out here.
    """
    today = months.local_time(now_ms, unit.timezone).date()
    period = months.read_period(query, today)
    found = unit_figures(unit=unit.code, period=period, today=today, now_ms=now_ms)
    told = found.today if period.first <= today <= period.last else None
    rules = rules_of(unit.code)
    total = shown_as(found.total, person=False, rules=rules)
    counters = compare(found.counters, person=False, rules=rules)
    officials = compare(found.officials, person=True, rules=rules)
    return Shown(
        unit=unit.code,
        name=unit.name,
        today=today,
        period=period,
        total=Row(
            unit.code,
            None,
            unit.name,
            "",
            limited(found.total, total),
            None if told is None else sum(told.values()),
            total,
            found.responses.total,
            found.states,
        ),
        counters=_counter_rows(unit.code, found, told, counters),
        officials=(
            _official_rows(unit, found, officials)
            if may_see_officials(account, unit.code)
            else None
        ),
        unattributed=_unattributed_rows(found.unattributed),
        bases=_basis_rows(found.bases),
        as_of=(months.local_time(found.as_of_ms, unit.timezone) if found.as_of_ms else None),
        rules=rules,
        states=found.states,
        named=found.named,
        counters_differ=counters.differ,
        officials_differ=officials.differ,
    )


def _counter_rows(
    unit: str, found: UnitFigures, told: dict[str, int] | None, compared: Compared
) -> list[Row]:
    """Every counter of the unit by number, then those that only old votes still know."""
    listed = {counter.code: counter for counter in counters_of(unit)}
    rows = [
        Row(
            code=code,
            number=listed[code].number if code in listed else None,
            name=listed[code].name if code in listed else code,
            title="",
            figure=limited(found.counters.get(code, NOTHING), compared.rows.get(code, NO_DISPLAY)),
            today=None if told is None else told.get(code, 0),
            display=compared.rows.get(code, NO_DISPLAY),
            response=found.responses.counters.get(code),
            states=found.counter_states.get(code, NO_STATES),
        )
        for code in {*listed, *found.counters} - {""}
    ]
    return sorted(rows, key=lambda row: (row.number is None, row.number, row.code))


def _official_rows(unit: Any, found: UnitFigures, compared: Compared) -> list[Row]:
    """The unit's officials and those who helped out, by name and never by score."""
    listed = {official.code: official for official in unit.officials.all()}
    others = names_of([code for code in found.officials if code not in listed])
    rows = [
        Row(
            code=code,
            number=None,
            name=listed[code].name if code in listed else others.get(code, ""),
            title=listed[code].title if code in listed else "",
            figure=limited(found.officials.get(code, NOTHING), compared.rows.get(code, NO_DISPLAY)),
            today=None,
            display=compared.rows.get(code, NO_DISPLAY),
            response=found.responses.officials.get(code),
            states=found.official_states.get(code, NO_STATES),
        )
        for code in {*listed, *found.officials}
    ]
    return sorted(rows, key=lambda row: (not row.name, name_order(row.name), row.code))


def _unattributed_rows(counts: dict[str, int]) -> list[Unattributed]:
    """The reasons that occur, most frequent first."""
    rows = [Unattributed(why, *words.unattributed_words(why), n) for why, n in counts.items() if n]
    return sorted(rows, key=lambda row: (-row.n, row.why))


def _basis_rows(counts: dict[str, int]) -> list[Basis]:
    """The bases that occur, the strongest first."""
    known = words.bases_in_order()
    listed = [*known, *sorted(set(counts) - set(known))]
    return [
        Basis(basis, *words.basis_words(basis), counts[basis])
        for basis in listed
        if counts.get(basis)
    ]


def name_order(name: str) -> tuple[str, str, str]:
    """Vietnamese lists go by the given name, which comes last; tones decide among equals."""
    family, _, given = _letters(name).rpartition(" ")
    return given, family, name


def _letters(name: str) -> str:
    """Without tones; ă, â, đ, ê, ô, ơ, ư stay letters of their own, each after its plain one."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d\u0304"))
    # The breve moves before the circumflex, since ă comes before â.
    return letters.translate(dict.fromkeys(TONES)).replace("\u0306", "\u0301")
