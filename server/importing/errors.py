"""What can be wrong with a file, in the words of whoever reads it."""

from dataclasses import dataclass, field

from django.utils.translation import gettext

LISTED = 200  # problems that are told one by one; of more only the number


class BadFile(Exception):
    """The file as a whole cannot be imported; str() is one sentence for the reader."""


class UndoError(Exception):
    """An import cannot be taken back; str() is one sentence for the reader."""


def touched(key: str) -> UndoError:
    """A row was changed after the import."""
    return UndoError(
        gettext("Không hoàn tác được: %(key)s đã được sửa sau lần nhập này.") % {"key": key}
    )


def in_use(key: str) -> UndoError:
    """Something that came later rests on a row that the import added."""
    return UndoError(
        gettext("Không hoàn tác được: %(key)s đang được dùng ở nơi khác.") % {"key": key}
    )


def not_theirs(unit: str) -> UndoError:
    """The import concerns a unit for which the account may not import."""
    return UndoError(gettext("Tài khoản này không nhập được cho đơn vị %(unit)s.") % {"unit": unit})


class BadCell(Exception):
    """A cell holds what it must not; str() is one sentence, which names no place."""


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place. row: 1-based; column: its letter and heading."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        place = {"row": self.row, "column": self.column, "sentence": self.sentence}
        if not self.column:
            return gettext("Dòng %(row)s: %(sentence)s") % place
        return gettext("Dòng %(row)s, cột %(column)s: %(sentence)s") % place


@dataclass
class Problems:
    """The first problems of a file, and how many there are in all."""

    listed: list[Problem] = field(default_factory=list)
    n: int = 0

    def add(self, row: int, column: str, sentence: str) -> None:
        self.n += 1
        if len(self.listed) < LISTED:
            self.listed.append(Problem(row, column, sentence))
