"""What somebody would choose at a level: from the form, as text, or by going back."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_
from msgspec import UNSET

from server.fleet.choosing import try_settings
from server.fleet.chosen import read_toml, write_toml
from server.fleet.errors import FleetError
from server.fleet.history import own_settings, settings_after
from server.fleet.levels import Holder
from server.fleet.provenance import layers_of, values_of
from server.web import settings_form, settings_shown
from server.web.settings_edits import edited_unticked
from server.web.settings_words import explain

MOST_TOML = 100_000
UNTICKED = N_(
    "Mục này đã sửa mà chưa đánh dấu “Đặt riêng ở đây”, nên máy chủ đã đánh dấu giúp. "
    "Bỏ dấu nếu không muốn đổi."
)
CHANGE = re.compile("[0-9]{1,15}")


@dataclass(frozen=True)
class Draft:
    """What somebody would choose: as TOML, and what is wrong with it by field ("" for all).

    edited: fields of the form that were changed without being ticked; they are named once.
    """

    toml: str
    wrong: dict[str, str]
    by_form: bool = False
    edited: frozenset[str] = frozenset()


def read_draft(given: QueryDict, holder: Holder) -> Draft:
    """What was filled in, as TOML; what is wrong with it in words."""
    do = given.get("do", "")
    own, _ = own_settings(holder)
    try:
        if do == "form":
            values = values_of(layers_of(holder))
            table, wrong = settings_form.read_form(given, values, own)
            edited = edited_unticked(settings_form.show_form(values, own), given)
            wrong |= dict.fromkeys(sorted(edited), gettext(UNTICKED))
            if wrong:
                return Draft("", wrong, by_form=True, edited=frozenset(edited))
            text = write_toml(table)
        elif do == "back":
            change = given.get("change", "")
            number = int(change) if CHANGE.fullmatch(change) else 0
            text = write_toml(settings_after(holder=holder, change=number))
        else:
            text = given.get("toml", "")[:MOST_TOML]
        return try_draft(holder, text, by_form=do == "form")
    except FleetError as error:
        field, words = explain(str(error))
        return Draft("", {field: words})


def try_draft(holder: Holder, text: str, *, by_form: bool) -> Draft:
    """The draft of a text, tried on every kiosk concerned."""
    try:
        chosen = read_toml(text.replace("\r\n", "\n"))
        if chosen.admin_pin is not UNSET:
            return Draft(text, {"toml": gettext("Mã PIN kỹ thuật được đặt ở ô riêng bên dưới.")})
        try_settings(id=f"{holder.level}:{holder.code}", chosen=chosen, folder=None)
    except FleetError as error:
        field, words = explain(str(error))
        if not by_form:
            return Draft(text, {"toml": words})
        return Draft("", {settings_shown.field_of(field): words}, by_form=True)
    return Draft(text, {})
