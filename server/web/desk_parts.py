"""Beside a unit's course: hours, reasons, fields, complaints received elsewhere. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext

from server.analytics.desk import NOTHING, Cast
from server.analytics.methods.many import LOOK, called, mid_p_value
from server.web import months, words
from server.web.desk_charts import Cell, Chart, Series, Table
from server.web.desk_course import SHOWN
from server.web.desk_words import (
    FEWEST,
    WEEKDAYS,
    change_words,
    complaints,
    left_out_cell,
    share,
    short_month,
)

Key = tuple[int, int]  # weekday, hour
COLORED = 10  # votes of an hour: below them one citizen would color it
DARKEST = 3  # times the unit's own share


def draw_heat(casts: Mapping[Key, Cast]) -> Chart:
    """Hour by weekday: how many voted (the disc), and which part of them complained (the color)."""
    known = {key: cast for key, cast in casts.items() if cast.n}
    hours = _range([hour for _, hour in known])
    days = _range([day for day, _ in known])
    cells = [(day, hour, known.get((day, hour), NOTHING)) for day in days for hour in hours]
    values = [
        (
            float(hours.index(hour)),
            float(days.index(day)),
            cast.complaints / cast.n if cast.n >= COLORED else None,
            float(cast.n),
        )
        for day, hour, cast in cells
    ]
    return Chart(
        key="hours",
        kind="heat",
        title=gettext("Giờ và thứ trong tuần"),
        sentence=_sentence(known),
        series=(Series(gettext("Tỷ lệ không hài lòng"), values, "cells", "main"),) if known else (),
        table=_table(cells),
        places=tuple(f"{hour}h" for hour in hours),
        rows=tuple(gettext(WEEKDAYS[day]) for day in days),
        told=tuple(_told(day, hour, cast) for day, hour, cast in cells),
        up=gettext("Tỷ lệ không hài lòng"),
        most=_darkest(known),
        rules=(
            gettext(
                "Ô càng đậm thì phần không hài lòng càng lớn; chấm càng to thì càng đông lượt. Ô "
                "không màu: dưới 10 lượt. Chỉ tính lượt biết chắc giờ bấm."
            ),
        )
        if known
        else (),
    )


def _darkest(known: Mapping[Key, Cast]) -> float | None:
    n, hits = sum(c.n for c in known.values()), sum(c.complaints for c in known.values())
    return min(1.0, max(0.03, DARKEST * hits / n)) if n else None


def _range(values: Sequence[int]) -> list[int]:
    return list(range(min(values), max(values) + 1)) if values else []


def _hour(day: int, hour: int) -> str:
    return gettext("{0} {1}–{2} giờ").format(gettext(WEEKDAYS[day]), hour, hour + 1)


def _sentence(known: Mapping[Key, Cast]) -> str:
    if not known:
        return gettext("Chưa có lượt nào biết chắc giờ bấm trong kỳ này.")
    busiest = max(known, key=lambda key: (known[key].n, -key[0], -key[1]))
    text = gettext("Đông nhất: {0} ({1} lượt).").format(
        _lower(_hour(*busiest)), words.whole(known[busiest].n)
    )
    odd = _odd(known)
    if not odd:
        return f"{text} {gettext('Không giờ nào có phần không hài lòng cao hơn hẳn.')}"
    named = ", ".join(_lower(_hour(*key)) for key in odd[:3])
    return f"{text} {gettext('Phần không hài lòng cao hơn hẳn vào: {0}.').format(named)}"


def _odd(known: Mapping[Key, Cast]) -> list[Key]:
    """Where complaints crowd, of so many cells looked at in one go."""
    n, hits = sum(c.n for c in known.values()), sum(c.complaints for c in known.values())
    keys = sorted(known)
    odds = [mid_p_value(known[key].complaints, known[key].n, hits / n) for key in keys]
    return [
        key
        for key, is_called in zip(keys, called(odds, LOOK), strict=True)
        if is_called and known[key].complaints * n > hits * known[key].n and known[key].n >= FEWEST
    ]


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith(("Thứ", "Chủ")) else text


def _told(day: int, hour: int, cast: Cast) -> str:
    if cast.n < FEWEST:
        return gettext("{0}: {1} lượt, quá ít để tính tỷ lệ").format(_hour(day, hour), cast.n)
    return gettext("{0}: {1} trên {2} lượt, {3}").format(
        _hour(day, hour), words.whole(cast.complaints), words.whole(cast.n), str(complaints(cast))
    )


def _table(cells: Sequence[tuple[int, int, Cast]]) -> Table:
    headings = (gettext("Giờ"), gettext("Lượt"), gettext("Không hài lòng"))
    return Table(
        headings,
        tuple(
            (_hour(day, hour), words.whole(cast.n), str(complaints(cast)))
            for day, hour, cast in cells
            if cast.n
        ),
    )


class Named(NamedTuple):
    """A reason or a field: its words, its votes now and before, and where it leads."""

    words: str
    now: Cast
    before: Cast
    url: str


def draw_reasons(rows: Sequence[tuple[str, int, int, str]], now: Cast, before: Cast) -> Chart:
    """Reasons by how many gave them. rows: words, how many now, how many before, and where it
    leads. now, before: all votes."""
    told = [row for row in rows if row[1] or row[2]]
    told.sort(key=lambda row: (-row[1], row[0]))
    text = gettext("Nhiều nhất: {0} ({1} lượt, {2} của mọi lượt).")
    sentence = (
        text.format(told[0][0], words.whole(told[0][1]), share(told[0][1], now.n).words)
        if told and told[0][1] and now.n >= FEWEST
        else gettext("Chưa có lý do không hài lòng nào trong kỳ này.")
    )
    return Chart(
        key="reasons",
        kind="bars",
        title=gettext("Lý do không hài lòng"),
        sentence=sentence,
        series=(Series(gettext("Lượt"), [float(row[1]) for row in told], "bars"),),
        table=Table(
            (
                gettext("Lý do"), gettext("Lượt"), gettext("Trên mọi lượt"),
                gettext("Kỳ trước"), gettext("Trên mọi lượt, kỳ trước"),
            ),
            tuple(
                (
                    Cell(row[0], row[3]) if row[3] else row[0], words.whole(row[1]),
                    share(row[1], now.n).cell, words.whole(row[2]), share(row[2], before.n).cell,
                )
                for row in told
            ),
            gettext("Một lượt có thể nêu nhiều lý do."),
        ),
        places=tuple(row[0] for row in told),
        told=tuple(f"{row[0]}: {words.whole(row[1])} ({words.whole(row[2])})" for row in told),
        links=tuple(row[3] for row in told),
        measure="count",
    )  # fmt: skip


def fields_table(heading: str, rows: Sequence[Named]) -> Table:
    """Fields or procedures with their shares, by name, and the change against the period before."""
    headings = (
        heading, gettext("Lượt"), gettext("Không hài lòng"),
        gettext("So với kỳ trước"), gettext("Tạm giữ / loại"),
    )  # fmt: skip
    return Table(
        headings,
        tuple(
            (
                Cell(row.words, row.url) if row.url else row.words, words.whole(row.now.n),
                complaints(row.now).cell, change_words(row.before, row.now), left_out_cell(row.now),
            )
            for row in rows
        ),
        nothing=gettext("Trong kỳ không có lượt nào gắn với hồ sơ."),
    )  # fmt: skip


def draw_elsewhere(
    counts: Mapping[date, int], casts: Mapping[date, Cast], last: date
) -> Chart | None:
    """Complaints received elsewhere by month, a series of its own beside that of the kiosks, and
    never added to it; None without any. casts: the kiosks' votes by month, for the table."""
    if not any(counts.values()):
        return None
    end = last.replace(day=1)
    window = [months.back(end, steps) for steps in reversed(range(SHOWN))]
    first = next(n for n, month in enumerate(window) if counts.get(month) or month in casts)
    shown = window[first:]
    total = sum(counts.get(month, 0) for month in shown)
    text = gettext(
        "{0} phản ánh nhận qua nơi khác trong {1} tháng. Đây là dãy số riêng: không cộng vào lượt "
        "không hài lòng trên thiết bị."
    )
    return Chart(
        key="elsewhere",
        kind="course",
        title=gettext("Phản ánh nhận qua nơi khác"),
        sentence=text.format(words.whole(total), len(shown)),
        series=(
            Series(
                gettext("Phản ánh"), [float(counts.get(month, 0)) for month in shown], "bars",
                "main",
            ),
        ),
        table=Table(
            (gettext("Tháng"), gettext("Phản ánh qua nơi khác"),
             gettext("Lượt không hài lòng trên thiết bị")),
            tuple(
                (months.month_words(month), words.whole(counts.get(month, 0)),
                 words.whole(casts.get(month, NOTHING).complaints))
                for month in reversed(shown)
            ),
        ),
        places=tuple(short_month(month) for month in shown),
        told=tuple(
            gettext("{0}: {1} phản ánh").format(
                months.month_words(month), words.whole(counts.get(month, 0))
            )
            for month in shown
        ),
        measure="count",
    )  # fmt: skip
