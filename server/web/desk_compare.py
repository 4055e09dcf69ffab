"""As units stood then, beside the units of today: the same votes added up twice."""

from typing import Any

from django.utils.translation import gettext

from server.analytics.desk import NOTHING, Cast, cast_by_unit
from server.organisation.selectors import predecessors_of, today_of, units_of_codes
from server.web import words
from server.web.desk_asked import Asked, unit_url
from server.web.desk_charts import Cell, Table
from server.web.desk_words import complaints, left_out_cell

ROWS = 400


def read_compared(asked: Asked) -> tuple[dict[str, Any], Table]:
    """The page's context and its table: each unit of then with what it is today."""
    codes = predecessors_of(asked.units)
    found = cast_by_unit(units=codes, period=asked.period)
    becomes = today_of(sorted(found), asked.today)
    names = {unit.code: unit.name for unit in units_of_codes([*found, *asked.units])}
    now: dict[str, Cast] = {}
    parts: dict[str, list[str]] = {}
    lost: list[tuple[str, Cast]] = []
    for code, cast in sorted(found.items()):
        unit = becomes[code].unit
        if unit is None or unit not in asked.units:
            lost.append((code, cast))
        else:
            now[unit] = now.get(unit, NOTHING) + cast
            parts.setdefault(unit, []).append(code)
    moved = [code for code in parts if parts[code] != [code]]
    rows = [_row(code, now[code], found.get(code, NOTHING), parts[code], names, asked)
            for code in sorted(now, key=lambda code: (code not in moved, code))]  # fmt: skip
    rows += [
        (names.get(code, code), words.whole(cast.n), str(complaints(cast)), "", "",
         gettext("không quy được về một đơn vị của hôm nay"), left_out_cell(cast))
        for code, cast in lost
    ]  # fmt: skip
    headings = (
        gettext("Đơn vị"), gettext("Lượt, như khi đó"), gettext("Không hài lòng, như khi đó"),
        gettext("Lượt, theo hôm nay"), gettext("Không hài lòng, theo hôm nay"),
        gettext("Gồm"), gettext("Tạm giữ / loại"),
    )  # fmt: skip
    left = max(0, len(rows) - ROWS)
    note = gettext("Còn {0} đơn vị nữa, hai cột như nhau.").format(words.whole(left))
    context = {
        "table": Table(headings, tuple(rows[:ROWS]), note if left else ""),
        "sentence": _sentence(len(now), len(moved), sum((c for _, c in lost), NOTHING)),
    }
    return context, Table(headings, tuple(rows))


def _row(
    code: str, now: Cast, then: Cast, parts: list[str], names: dict[str, str], asked: Asked
) -> tuple[str | Cell, ...]:
    others = [names.get(part, part) for part in parts if part != code]
    return (
        Cell(names.get(code, code), unit_url(code, asked)), words.whole(then.n),
        complaints(then).cell if then.n else "", words.whole(now.n), complaints(now).cell,
        ", ".join(others), left_out_cell(now),
    )  # fmt: skip


def _sentence(units: int, moved: int, lost: Cast) -> str:
    if not moved and not lost.n:
        return gettext("Trong kỳ này hai cách tính như nhau: không đơn vị nào đổi.")
    text = gettext("{0} trong {1} đơn vị có thêm lượt của đơn vị cũ nhập vào.")
    found = text.format(words.whole(moved), words.whole(units))
    if lost.n:
        more = gettext("{0} lượt không quy được về một đơn vị của hôm nay.")
        found += " " + more.format(words.whole(lost.n))
    return found
