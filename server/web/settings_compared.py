"""What differs, as pages show it: where a level chooses nothing, what it follows instead."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext

from server.fleet.history import Difference
from server.fleet.levels import Layer
from server.fleet.provenance import Value, values_of
from server.web import settings_words


class Side(NamedTuple):
    """A value in lines. source: whom it follows, in words; "" if it is chosen here."""

    lines: list[str]
    source: str


class Compared(NamedTuple):
    """A key and its two sides; hidden: it was changed, and nobody reads what it is."""

    key: str
    before: Side
    after: Side
    hidden: bool


def compare(found: Sequence[Difference], layers: list[Layer], *, past: bool) -> list[Compared]:
    """Differences of the last layer's own settings.

    past: what the levels above chose at the time is not kept, so that it is not told either.
    """
    above = values_of(layers[:-1])
    known = not past or len(layers) == 1

    def side(key: str, chosen: Any) -> Side:
        if chosen is not None:
            return Side(settings_words.value_words(key, chosen), "")
        if not known or key not in above:
            return Side([], gettext("theo cấp trên"))
        return Side(settings_words.value_words(key, above[key].value), source_words(above[key]))

    return [
        Compared(
            each.key, side(each.key, each.before), side(each.key, each.after), _is_hidden(each)
        )
        for each in found
    ]


def source_words(value: Value) -> str:
    """Whom a value follows; the built-in one follows nobody."""
    if value.of is None:
        return gettext("sẵn có")
    return gettext("theo {0}").format(value.of.name or value.of.code)


def _is_hidden(difference: Difference) -> bool:
    return difference.key == "admin_pin"
