"""What stands beside a figure, in words: what it lacks, who differs, who voted, what counts."""

from fractions import Fraction

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.analytics.selectors import Display, Figure, Response, States
from server.organisation.selectors import Rules
from server.web import words


def lacking(figure: Figure, display: Display, rules: Rules) -> str:
    """Why no share is shown."""
    if figure.n < 5:
        return gettext("Chưa đủ dữ liệu (n < 5)")
    if display.level == "no-score":
        text = gettext("Chưa đủ {0} lượt để nêu tỷ lệ của một người")
        return text.format(rules.person_from)
    if figure.n < rules.show_from:
        return gettext("Chưa đủ {0} lượt để nêu tỷ lệ").format(rules.show_from)
    return gettext("Chưa đủ một nhóm 5 lượt để tính")


def said_of(figure: Figure, display: Display, rules: Rules) -> str:
    """What the share may be taken for; empty: for what it is."""
    if display.level == "uncertain":
        if figure.base < rules.verdict_from:
            return gettext("còn ít lượt, chỉ để tham khảo")
        return gettext("chỉ để tham khảo")
    if display.place == "far below":
        return gettext("thấp hơn hẳn, ngoài mức dao động thường gặp")
    if display.place == "far above":
        return gettext("cao hơn hẳn, ngoài mức dao động thường gặp")
    return ""


_COUNTERS = {
    "clearly": N_("Có quầy khác hẳn các quầy còn lại: điều cần tìm hiểu, chưa phải kết luận."),
    "slightly": N_("Giữa các quầy có chênh lệch, nhưng chưa đủ rõ để nói là khác nhau."),
    "not": N_("Giữa các quầy không có khác biệt rõ rệt: chênh lệch có thể chỉ do ngẫu nhiên."),
}
_UNITS = {
    "clearly": N_("Có đơn vị khác hẳn các đơn vị còn lại: điều cần tìm hiểu, chưa phải kết luận."),
    "slightly": N_("Giữa các đơn vị có chênh lệch, nhưng chưa đủ rõ để nói là khác nhau."),
    "not": N_("Giữa các đơn vị không có khác biệt rõ rệt: chênh lệch có thể chỉ do ngẫu nhiên."),
}
_OFFICIALS = {
    "clearly": N_("Có cán bộ khác hẳn các cán bộ còn lại: điều cần tìm hiểu, chưa phải kết luận."),
    "slightly": N_("Giữa các cán bộ có chênh lệch, nhưng chưa đủ rõ để nói là khác nhau."),
    "not": N_("Giữa các cán bộ không có khác biệt rõ rệt: chênh lệch có thể chỉ do ngẫu nhiên."),
}


def counters_words(differ: str | None) -> str:
    """Whether the counters differ; empty: too few of them can be compared."""
    return gettext(_COUNTERS[differ]) if differ else ""


def units_words(differ: str | None) -> str:
    """Whether the units differ; empty: too few of them can be compared."""
    return gettext(_UNITS[differ]) if differ else ""


def officials_words(differ: str | None) -> str:
    """Whether the officials differ; empty: too few of them can be compared."""
    return gettext(_OFFICIALS[differ]) if differ else ""


def response_words(response: Response | None, rules: Rules) -> str:
    """How many of those who came voted; empty where nobody counted them."""
    if response is None or not response.served:
        return ""
    share = words.percent(Fraction(response.votes, response.served))
    if response.of == "dossiers":
        # Not everybody who comes hands in a dossier: more votes than dossiers say nothing.
        if response.impossible:
            return ""
        text = gettext("bằng {0} số hồ sơ nộp trực tiếp")
    elif response.impossible:
        return gettext("nhiều lượt đánh giá hơn số người đến: hãy kiểm tra số giao dịch")
    else:
        text = gettext("{0} người đến có đánh giá")
    low = gettext(", chưa đủ đại diện") if is_low(response, rules) else ""
    return text.format(share) + low


def response_cell(response: Response | None, rules: Rules) -> str:
    """The same under a heading that says what it is: the share alone where it is of citizens."""
    if response is None or response.of == "dossiers" or response.impossible:
        return response_words(response, rules)
    share = words.percent(Fraction(response.votes, response.served)) if response.served else ""
    return share + (gettext(", chưa đủ đại diện") if share and is_low(response, rules) else "")


def is_low(response: Response, rules: Rules) -> bool:
    """Whether too few voted to speak for all who came."""
    return response.votes * 100 < rules.response_from * response.served


def states_words(states: States) -> str:
    """What counts and what does not, under every table."""
    text = gettext("Được tính: {0} lượt · tạm giữ để xem xét: {1} · đã loại: {2}.")
    return text.format(*(words.whole(n) for n in states))


def less_words(figure: Figure) -> str:
    """The same in a table; empty where nothing is left out."""
    text = gettext("đã trừ {0} lượt về kết quả")
    return text.format(words.whole(figure.apart)) if figure.apart else ""


def apart_words(figure: Figure) -> str:
    """What an official's score leaves out."""
    text = gettext("{0} lượt chỉ không đồng ý với kết quả giải quyết, không tính cho cán bộ")
    return text.format(words.whole(figure.apart)) if figure.apart else ""
