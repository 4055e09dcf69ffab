"""What one process found in a stretch of the log, on its way to where the stretches are joined."""

from array import array
from typing import Final

import msgspec

from auditor.columns import Column
from auditor.received import Received
from auditor.report import Finding


class Head(msgspec.Struct, frozen=True):
    """A head note as a `received` holds it, which names the right line; nobody verified it yet."""

    index: int
    seq: int
    note: bytes


class Run(msgspec.Struct, tag=True):
    """Lines of one journal that follow one another in their chain, of one boot; entries of other
    journals may stand between them.

    index: of the first line; end: the index after the last line; mono, wall: ms since boot or
    unix ms, one a line; sync: a byte a line; tails: index into the chunk's `tails`; odd: places
    (from 0) of lines that are no plain votes; received: receipt times of the first so many lines,
    the others are not covered yet and stand directly before `end`; kiosk: in all of the heads.
    """

    index: int
    end: int
    journal: str
    seq: int
    prev: bytes
    boot: str
    last: bytes  # hash of the last line
    mono: Column
    wall: Column
    sync: bytes
    tails: Column
    odd: list[int]
    received: Column
    receipts: int
    heads: list[Head]  # all or the newest
    kiosk: str

    def __len__(self) -> int:
        return len(self.mono)


class Deed(msgspec.Struct, frozen=True, tag=True):
    """A server record other than `received`, its bytes."""

    index: int
    entry: bytes


class Chunk(msgspec.Struct):
    """What a stretch holds, from the index `first` to before `end`. `roots`: number and hash of
    each tile that was rebuilt."""

    events: list[Run | Received | Deed]
    tails: list[bytes]
    roots: list[tuple[int, bytes]]
    breaches: list[Finding]
    entries: int
    bytes: int
    first: int
    end: int


def pack(chunk: Chunk) -> bytes:
    """A chunk on its way to another process: pickling would take longer than scanning."""
    return _ENCODER.encode(chunk)


def unpack(packed: bytes) -> Chunk:
    """What pack packed."""
    return _DECODER.decode(packed)


def _column_out(column: object) -> bytes:
    assert isinstance(column, array)  # noqa: S101 - nothing else in a chunk is no plain type
    return column.typecode.encode() + column.tobytes()


def _column_in(_: type, packed: bytes) -> Column:
    column: Column = array(chr(packed[0]))
    column.frombytes(packed[1:])
    return column


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_column_out)
_DECODER: Final = msgspec.msgpack.Decoder(Chunk, dec_hook=_column_in)
