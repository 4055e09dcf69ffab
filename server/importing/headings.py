"""Which column of a file is which: headings in Vietnamese, with accents or without, or English."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext

from server.importing.errors import BadFile
from server.importing.reading import Value

LETTERS = 26


@dataclass(frozen=True)
class Column:
    """A column of a kind. key: our English word, also a heading; words: the Vietnamese heading.

    read: makes of a clean cell what is kept, or raises BadCell; it gets "" for an empty cell of a
    column that is not needed. sample: what a template shows.
    """

    key: str
    words: str
    read: Callable[[Value], Any]
    needed: bool = False
    sample: str = ""
    also: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The heading for the reader's language."""
        return self.key if get_language() == "en" else self.words


@dataclass(frozen=True)
class Found:
    """A column where the file has it. index: 0-based, None if the file leaves it out."""

    column: Column
    index: int | None

    @property
    def place(self) -> str:
        """C (mã cán bộ)"""
        if self.index is None:
            return self.column.heading
        return f"{letter(self.index)} ({self.column.heading})"


def find_columns(heading: Sequence[str], columns: Sequence[Column]) -> list[Found]:
    """Each of `columns` where `heading` has it; BadFile for an unknown, missing or second one."""
    known = {bare(name): c for c in columns for name in (c.words, c.key, *c.also)}
    where: dict[str, int] = {}
    for index, told in enumerate(heading):
        if not told:
            continue
        column = known.get(bare(told))
        if column is None:
            raise BadFile(
                gettext("Cột %(letter)s (“%(heading)s”) không thuộc bảng này; các cột là: %(all)s.")
                % {
                    "letter": letter(index),
                    "heading": told[:60],
                    "all": ", ".join(c.heading for c in columns),
                }
            )
        if column.key in where:
            raise BadFile(
                gettext("Cột “%(heading)s” có hai lần: %(first)s và %(second)s.")
                % {
                    "heading": column.heading,
                    "first": letter(where[column.key]),
                    "second": letter(index),
                }
            )
        where[column.key] = index
    missing = [column.heading for column in columns if column.needed and column.key not in where]
    if missing:
        raise BadFile(gettext("Tệp thiếu cột: %(columns)s.") % {"columns": ", ".join(missing)})
    return [Found(column, where.get(column.key)) for column in columns]


def bare(text: str) -> str:
    """A heading without accents, case and signs: “Mã đơn vị (*)” -> “ma don vi”."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def letter(index: int) -> str:
    """A column's letters as a spreadsheet shows them: 0 -> A, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, LETTERS)
        name = chr(ord("A") + rest) + name
    return name
