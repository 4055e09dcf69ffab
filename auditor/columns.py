"""The type of a column of numbers."""

from array import array
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Column: TypeAlias = array[int]
else:  # Python 3.11 does not subscript it
    Column = array
