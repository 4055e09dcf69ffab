"""How much an Excel file holds once it is unpacked, walked through before anything is built of it.

A few kilobytes can unpack to millions of cells, or to a row without an end, that openpyxl would
make objects of: minutes and gigabytes, while nobody else can write.
"""

import zipfile
from collections.abc import Iterable
from typing import Any, BinaryIO
from xml.parsers import expat

CHUNK = 1 << 16
RUN_BYTES = 4 << 20  # from the end of a row, or of a text, to that of the next: held at once
OTHER_ELEMENTS = 100_000  # of styles and the like
_LET_GO = {"row", "si"}  # openpyxl forgets these once it has read them


class TooMuch(Exception):
    """More than a table of so many cells can be."""


class Forbidden(Exception):
    """XML that defines its own entities."""


def check_unpacked(
    archive: zipfile.ZipFile, parts: Iterable[str | zipfile.ZipInfo], *, cells: int = 0
) -> None:
    """TooMuch or Forbidden. Any part may be called a sheet, whatever its own name.

    cells: as many as the table may have at most.
    """
    walk = _Walk(2 * cells + OTHER_ELEMENTS)  # a cell and its value
    for part in parts:
        with archive.open(part) as file:
            walk.through(file)


class _Walk:
    def __init__(self, most: int) -> None:
        self.left, self.run = most, 0

    def through(self, file: Any) -> None:
        """One part; what is no XML ends where that shows, as it would for whoever reads it."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        self.run = 0
        try:
            self._feed(parser, file)
        except expat.ExpatError:
            return

    def _feed(self, parser: expat.XMLParserType, file: BinaryIO) -> None:
        while chunk := file.read(CHUNK):
            self.run += len(chunk)
            parser.Parse(chunk, False)
            if self.run > RUN_BYTES:
                raise TooMuch
        parser.Parse(b"", True)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooMuch

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] in _LET_GO:
            self.run = 0

    def _doctype(self, *told: object) -> None:
        raise Forbidden
