"""Template words: one labelled input of a form, filled in again if the form was refused."""

from collections.abc import Sequence
from datetime import date, datetime

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from server.web.asked import Refused

register = template.Library()
WIDE = ("text",)
SAMPLE = {"to": "11:30"}  # of a time of day, by the input's name; else 07:30


@register.simple_tag(takes_context=True)
def field(
    context: Context,
    form: str,
    name: str,
    label: str,
    type: str = "text",
    value: object = "",
    hint: str = "",
    most: int = 200,
    required: bool = True,
) -> SafeString:
    """An input; type: date, time, number, text, long (several lines)."""
    clock = type == "time"  # a browser in English would ask for AM and PM
    id, told, marks = _state(context, form, name, value, hint)
    marks += SafeString(" required") if required else SafeString("")
    if type == "long":
        row = format_html(
            '<textarea id="{}" name="{}" rows="3" maxlength="{}"{}>{}</textarea>',
            id, name, most, marks, told,
        )  # fmt: skip
    else:
        row = format_html(
            '<input id="{}" name="{}" type="{}" value="{}" maxlength="{}"{}{}{}>',
            id, name, "text" if clock else type, told, most,
            "" if type in WIDE else SafeString(' class="short"'),
            format_html(' placeholder="{}"', SAMPLE.get(name, "07:30")) if clock else "", marks,
        )  # fmt: skip
    return _labelled(id, label, row, hint)


@register.simple_tag(takes_context=True)
def choose(
    context: Context,
    form: str,
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    value: str = "",
    hint: str = "",
) -> SafeString:
    """A list to choose from; options: value and words."""
    id, told, marks = _state(context, form, name, value, hint)
    listed = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((code, SafeString(" selected") if code == told else "", words) for code, words in options),
    )
    row = format_html('<select id="{}" name="{}"{}>{}</select>', id, name, marks, listed)
    return _labelled(id, label, row, hint)


@register.simple_tag(takes_context=True)
def unfolded(context: Context, form: str) -> SafeString | str:
    """What opens the fold of a form that was refused."""
    refused: Refused | None = context.get("refused")
    return SafeString(" open") if refused is not None and refused.do == form else ""


def _state(
    context: Context, form: str, name: str, value: object, hint: str
) -> tuple[str, str, SafeString]:
    """The input's id, its value, and what is said of it to those who hear the page."""
    refused: Refused | None = context.get("refused")
    mine = refused if refused is not None and refused.do == form else None
    wrong = mine is not None and mine.field == name
    id = f"{form}-{name}"
    marks = SafeString(' aria-invalid="true"') if wrong else SafeString("")
    if wrong or hint:
        by = " ".join([*(["refused"] if wrong else []), *([f"{id}-hint"] if hint else [])])
        marks += format_html(' aria-describedby="{}"', by)
    return id, str(mine.given.get(name, "")) if mine else _plain(value), marks


def _plain(value: object) -> str:
    """As an input takes it, whatever the reader's language."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _labelled(id: str, label: str, row: SafeString, hint: str) -> SafeString:
    told = format_html('<p class="hint" id="{}-hint">{}</p>', id, hint) if hint else ""
    return format_html(
        '<div class="field"><label for="{}">{}</label>{}{}</div>', id, label, row, told
    )
