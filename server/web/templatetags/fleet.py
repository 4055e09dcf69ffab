"""Template words of the fleet's pages: spans, temperatures, disks, clocks."""

from django import template
from django.utils.translation import gettext

from protocol.status import Status, StatusDisk
from server.web import kiosk_words, words

register = template.Library()
GOOD = ("ok", "synchronized")
NEAR_MS = 5_000  # what the way of a request and a human eye can tell apart

register.filter("part_words", kiosk_words.part_words)
register.filter("finding_words", kiosk_words.finding_words)
register.filter("order_words", kiosk_words.order_words)
register.filter("outcome_words", kiosk_words.outcome_words)
register.filter("cause_words", kiosk_words.cause_words)
register.filter("suppressed_words", kiosk_words.suppressed_words)
register.filter("span_words", kiosk_words.span_words)


@register.filter
def celsius(thousandths: int) -> str:
    """48 °C"""
    return f"{round(thousandths / 1000)}{words.NBSP}°C"


@register.filter
def free(disk: StatusDisk) -> str:
    """82 %"""
    return f"{100 * disk.free // disk.total}{words.NBSP}%" if disk.total else "–"


@register.filter
def clock(status: Status, ms: int) -> str:
    """How a kiosk's clock is: off by so much, or right; never right by chance alone."""
    if abs(ms) < NEAR_MS:
        return gettext("đúng giờ") if status.sync else gettext("đồng hồ chưa đồng bộ")
    return offset(ms)


@register.filter
def offset(ms: int) -> str:
    """How far a clock is off, in words."""
    if abs(ms) < NEAR_MS:
        return gettext("lệch dưới 5 giây")
    span = kiosk_words.span_words(abs(ms) // 1000)
    ahead = gettext("nhanh %(span)s") if ms > 0 else gettext("chậm %(span)s")
    return ahead % {"span": span}


@register.filter
def finding_kind(word: str) -> str:
    """The class of what a self-test found: good, none (there is no such part) or bad."""
    return "good" if word in GOOD else "none" if word == "none" else "bad"


@register.filter
def good(findings: dict[str, str]) -> int:
    """How many parts a self-test found well."""
    return sum(word in GOOD for word in findings.values())


@register.filter
def bad(findings: dict[str, str]) -> list[tuple[str, str]]:
    """The parts that somebody should look at, and why."""
    return [pair for pair in findings.items() if finding_kind(pair[1]) == "bad"]


@register.filter
def fault_words(data: dict[str, str]) -> str:
    """The data of a fault event as words."""
    return kiosk_words.fault_words(data["part"], data["kind"])
