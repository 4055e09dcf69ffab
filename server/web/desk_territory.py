"""The territory at a glance: its units of a period beside the one before. Never ranked by share."""

from collections.abc import Mapping, Sequence
from math import sqrt

from django.utils.translation import gettext

from server.analytics.desk import NOTHING, Cast, cast_by_unit
from server.analytics.methods.distributions import normal_two_sided
from server.analytics.methods.many import LOOK, called
from server.analytics.selectors import responses_each
from server.organisation.selectors import rules_of_units
from server.web import words
from server.web.desk_asked import Asked, unit_url, votes_url, why_url
from server.web.desk_charts import Cell, Table
from server.web.desk_words import FEWEST, change_words, complaints, left_out_cell, satisfied
from server.web.figure_words import response_cell

ROWS = 100  # of a page


class Territory:
    """The units' votes of the period and of the one before, read once."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.now = cast_by_unit(units=asked.units, period=asked.period)
        self.before = cast_by_unit(units=asked.units, period=asked.before)

    @property
    def total(self) -> Cast:
        return sum(self.now.values(), NOTHING)

    @property
    def total_before(self) -> Cast:
        return sum(self.before.values(), NOTHING)

    def table(self, skip: int, *, signals: Mapping[str, str], most: int = ROWS) -> Table:
        """A page of the units, those with votes first, by code. signals: how many of each unit are
        open, in words."""
        codes = sorted(self.asked.units, key=lambda code: (code not in self.now, code))
        clear, shown = self._clear(), codes[skip : skip + most]
        came = self._came(shown)
        rows = tuple(self._row(code, clear, signals, came) for code in shown)
        headings = (
            gettext("Đơn vị"), gettext("Lượt"), gettext("Người đến có đánh giá"),
            gettext("Hài lòng"), gettext("Không hài lòng"),
            gettext("Không hài lòng so với kỳ trước"), gettext("Tín hiệu đang mở"),
            gettext("Tạm giữ / loại"),
        )  # fmt: skip
        return Table(headings, rows)

    def _row(
        self,
        code: str,
        clear: Mapping[str, bool],
        signals: Mapping[str, str],
        came: Mapping[str, str],
    ) -> tuple[str | Cell, ...]:
        now, before = self.now.get(code, NOTHING), self.before.get(code, NOTHING)
        n, why = words.whole(now.n), why_url(self.asked.period, unit=code)
        return (
            Cell(self.asked.units[code], unit_url(code, self.asked)),
            Cell(n, votes_url(code, self.asked.period)) if now.n else n,
            came.get(code, ""), satisfied(now).cell_to(why), complaints(now).cell_to(why),
            change_words(before, now, clear=clear.get(code, False)),
            signals.get(code, ""), left_out_cell(now),
        )  # fmt: skip

    def _came(self, codes: Sequence[str]) -> dict[str, str]:
        """How many of those who came voted, in words; of nobody where there are too many units and
        months to count them for one page: each unit's own page says it."""
        found = responses_each(units=codes, period=self.asked.period)
        rules = rules_of_units(list(found)) if found else {}
        return {code: response_cell(each, rules[code]) for code, each in found.items()}

    def _clear(self) -> dict[str, bool]:
        """Of which units the change is clear, although so many are looked at in one go."""
        codes = [
            code for code, now in sorted(self.now.items())
            if now.n >= FEWEST and self.before.get(code, NOTHING).n >= FEWEST
        ]  # fmt: skip
        odds = [_by_chance(self.before[code], self.now[code]) for code in codes]
        return dict(zip(codes, called(odds, LOOK), strict=True))


def _by_chance(before: Cast, now: Cast) -> float:
    """How often two shares of complaints would lie so far apart if nothing had changed: the normal
    test of two shares, pooled."""
    n = before.n + now.n
    pooled = (before.complaints + now.complaints) / n
    variance = pooled * (1 - pooled) * (1 / before.n + 1 / now.n)
    if variance <= 0:
        return 1.0
    apart = now.complaints / now.n - before.complaints / before.n
    return normal_two_sided(apart / sqrt(variance))


def pages_of(count: int, skip: int, most: int = ROWS) -> Sequence[int]:
    """Where the pages before and after begin: [before or -1, after or -1]."""
    return [max(0, skip - most) if skip else -1, skip + most if skip + most < count else -1]
