"""The funnel as a chart: which units or officials differ by more than chance and usual spread.

Only what lies beyond the 99.8 % limits is marked, and of persons only those whose votes are many
and telling enough; nobody is ranked. Pure.
"""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

from django.utils.translation import gettext

from server.analytics.desk import Cast
from server.analytics.methods.funnel import Funnel, share_funnel, share_limits
from server.analytics.methods.reliability import reliability
from server.analytics.methods.shrinkage import fit_prior
from server.organisation.selectors import Rules
from server.web import words
from server.web.desk_charts import Cell, Chart, Series, Table, thinned
from server.web.desk_words import complaints, left_out_cell

PERSON_FROM = Rules().person_from  # votes that a person's share wants, unless a unit wants more
LINE_POINTS = 60
MOST_ROWS = 400
MOST_NAMED = 5


class Subject(NamedTuple):
    """A unit or an official of the funnel. url: where its figures are, why: where its share is
    explained; "" for nowhere."""

    code: str
    name: str
    cast: Cast
    url: str
    why: str = ""


class Who(NamedTuple):
    """What kind of subjects: in words, and whether they are persons, of whom less is said."""

    key: str
    title: str
    one: str
    many: str
    persons: bool
    rules: Rules


def units(rules: Rules | None = None) -> Who:
    title, many = gettext("Các đơn vị so với nhau"), gettext("đơn vị của địa bàn")
    return Who("units", title, gettext("Đơn vị"), many, False, rules or Rules())


def officials(rules: Rules | None = None) -> Who:
    """rules: the unit's own; None: those of a unit that has none."""
    title, many = gettext("Cán bộ so với nhau"), gettext("cán bộ của đơn vị")
    return Who("officials", title, gettext("Cán bộ"), many, True, rules or Rules())


def draw_funnel(who: Who, subjects: Sequence[Subject]) -> Chart:
    """Shares of complaints by number of votes, with the limits of those who are like the rest."""
    fewest = who.rules.person_from if who.persons else who.rules.show_from
    shown = sorted((s for s in subjects if s.cast.n >= fewest), key=lambda s: s.cast.n)
    shares = [(s.cast.complaints, s.cast.n) for s in shown]
    found = share_funnel(shares, consistent=True)
    far = _far(found, shares, who)
    drawn = thinned(len(shown), list(far))
    return Chart(
        key=f"funnel-{who.key}",
        kind="funnel",
        title=who.title,
        sentence=_sentence(who, len(subjects), shown, found, far),
        series=_series(who, found, shown, drawn, far) if found else (),
        table=_table(who, subjects, shown, far),
        told=tuple(_told(shown[place], far.get(place, "")) for place in drawn),
        links=tuple(shown[place].url for place in drawn),
        across=gettext("Số lượt đánh giá"),
        up=gettext("Tỷ lệ không hài lòng"),
        most=_most(found, shown),
        special=gettext("Ngoài giới hạn 99,8 %") if far else "",
        rules=_rules(who, found),
    )


def _most(found: Funnel | None, shown: Sequence[Subject]) -> float | None:
    """Where the drawing ends above: the limits of the smallest would press all others flat."""
    if found is None:
        return None
    usual = share_limits(found.center, shown[len(shown) // 4].cast.n, found.tau2).high_998
    highest = max(subject.cast.complaints / subject.cast.n for subject in shown)
    return min(1.0, 1.15 * max(usual, highest))


def _far(found: Funnel | None, shares: Sequence[tuple[int, int]], who: Who) -> dict[int, str]:
    """Which lie beyond 99.8 %, and on which side, of those who may be judged."""
    if found is None:
        return {}
    spread = fit_prior(shares).variance if who.persons else 0.0
    return {
        place: row.place
        for place, (row, (_, n)) in enumerate(zip(found.rows, shares, strict=True))
        if row.place.startswith("far")
        and n >= who.rules.verdict_from
        and (
            not who.persons
            or reliability(n, found.center, spread) * 100 >= who.rules.reliability_from
        )
    }


def _series(
    who: Who, found: Funnel, shown: Sequence[Subject], drawn: Sequence[int], far: dict[int, str]
) -> tuple[Series, ...]:
    # From the fewest that are drawn at all: the mouth is what tells a reader that this is a funnel.
    few = who.rules.person_from if who.persons else who.rules.show_from
    many = max(shown[-1].cast.n, few + 1)
    at = sorted(
        {
            round(exp(log(few) + (log(many) - log(few)) * i / LINE_POINTS))
            for i in range(LINE_POINTS + 1)
        }
    )
    limits = [(n, share_limits(found.center, n, found.tau2)) for n in at]

    def line(pick: int) -> list[tuple[float, float]]:
        return [(float(n), limit[pick]) for n, limit in limits]

    dots = [
        (float(s.cast.n), s.cast.complaints / s.cast.n) for s in (shown[place] for place in drawn)
    ]
    marked = tuple(place for place, index in enumerate(drawn) if index in far)
    return (
        Series(gettext("Giới hạn 99,8 %"), line(2), "line", "outer"),
        Series("", line(3), "line", "outer"),
        Series(gettext("Giới hạn 95 %"), line(0), "line", "limit"),
        Series("", line(1), "line", "limit"),
        Series(gettext("Cả nhóm"), [(n, found.center) for n, _ in limits], "line", "center"),
        Series(who.one, dots, "dots", "main", marked),
    )


def _sentence(
    who: Who, count: int, shown: Sequence[Subject], found: Funnel | None, far: dict[int, str]
) -> str:
    if found is None:
        return gettext("Chưa có {0} nào đủ lượt để so.").format(who.many)
    share = words.percent(found.center)
    if not far:
        text = gettext("Không có khác biệt rõ giữa {0} {1}: mọi tỷ lệ đều hợp với mức chung {2}.")
        text = text.format(words.whole(len(shown)), who.many, share)
    else:
        parts = []
        for at in ("far above", "far below"):
            if named := [shown[place] for place, where in far.items() if where == at]:
                parts.append(f"{_side(at)}: {_names(named)}")
        text = gettext("{0} trong {1} {2} khác rõ mức chung {3}; {4}.").format(
            len(far), words.whole(len(shown)), who.many, share, "; ".join(parts)
        )
        text += " " + _no_verdict()  # it goes with the picture wherever that is saved to
    if count > len(shown):
        more = gettext("{0} {1} chưa đủ lượt nên không vẽ.")
        text += " " + more.format(words.whole(count - len(shown)), who.many)
    return text


def _no_verdict() -> str:
    return gettext("Khác mức chung là lý do để xem, không phải một kết luận.")


def _names(subjects: Sequence[Subject]) -> str:
    first = sorted(subjects, key=lambda subject: subject.code)[:MOST_NAMED]
    named, more = ", ".join(subject.name for subject in first), len(subjects) - MOST_NAMED
    return named + (gettext(" và {0} nữa").format(words.whole(more)) if more > 0 else "")


def _told(subject: Subject, far: str) -> str:
    cast = subject.cast
    text = gettext("{0}: {1} trên {2} lượt, {3}").format(
        subject.name, words.whole(cast.complaints), words.whole(cast.n), str(complaints(cast))
    )
    return f"{text}; {_side(far)}" if far else text


def _side(far: str) -> str:
    return {
        "far above": gettext("cao hơn rõ"),
        "far below": gettext("thấp hơn rõ"),
    }.get(far, "")


def _table(
    who: Who, subjects: Sequence[Subject], shown: Sequence[Subject], far: dict[int, str]
) -> Table:
    sides = {shown[place].code: where for place, where in far.items()}
    # Those that differ first, then by code: never by share.
    order = sorted(subjects, key=lambda s: (s.code not in sides, s.code))
    fewest = who.rules.person_from if who.persons else who.rules.show_from

    def row(subject: Subject) -> tuple[str | Cell, ...]:
        cast = subject.cast
        few = gettext("dưới {0} lượt").format(fewest)
        told = complaints(cast).cell_to(subject.why) if cast.n >= fewest else Cell("", "", few)
        return (
            Cell(subject.name, subject.url) if subject.url else subject.name,
            words.whole(cast.n), told, left_out_cell(cast), _side(sides.get(subject.code, "")),
        )  # fmt: skip

    left = len(order) - MOST_ROWS
    note = gettext("Còn {0} {1} nữa.").format(words.whole(left), who.many) if left > 0 else ""
    headings = (
        who.one, gettext("Lượt"), gettext("Không hài lòng"),
        gettext("Tạm giữ / loại"), gettext("So với mức chung"),
    )  # fmt: skip
    return Table(headings, tuple(row(subject) for subject in order[:MOST_ROWS]), note)


def _rules(who: Who, found: Funnel | None) -> tuple[str, ...]:
    if found is None:
        return ()
    texts = [
        gettext(
            "Càng ít lượt thì tỷ lệ càng dễ lên xuống vì may rủi, nên giới hạn mở rộng về bên "
            "trái như miệng phễu. Trong đường nét đứt là chuyện thường. Chỉ ai nằm ngoài đường "
            "liền 99,8 % mới gọi là khác; không xếp hạng ai."
        )
    ]
    if found.adjusted:
        texts.append(
            gettext(
                "Giới hạn đã được nới theo mức chênh lệch vốn có giữa các {0}, để việc khác nhau "
                "thường ngày không bị coi là bất thường (Spiegelhalter)."
            ).format(who.many)
        )
    if found.few:
        texts.append(
            gettext(
                "Dưới 10 {0} có số liệu: chưa biết được mức chênh lệch vốn có, giới hạn chỉ tính "
                "phần may rủi."
            ).format(who.many)
        )
    if who.persons:
        texts.append(
            gettext(
                "Cán bộ dưới 10 lượt không có tỷ lệ; dưới 30 lượt, hoặc khi số lượt chưa đủ phân "
                "biệt người với người, thì chỉ vẽ mà không nhận định. Lượt có lý do duy nhất là "
                "“không đồng ý với kết quả” không tính cho cán bộ."
            )
        )
    texts.append(_no_verdict())
    return tuple(texts)
