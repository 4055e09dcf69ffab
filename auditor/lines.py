"""What a line says, understood once for all lines that say the same."""

import enum
from functools import lru_cache

from protocol.records import NotUnderstood, Record, Vote, understand


class Kind(enum.Enum):
    """Whether what a line says is a vote, another record, or not understood."""

    VOTE = 1
    RECORD = 2
    NOTHING = 3


def read_tail(tail: bytes) -> tuple[str, Record | None, str]:
    """Type, record (None: not understood) and why of `<type>","data":{…}}` as it stands in a line.

    A line of another version has `v<number> ` before it.
    """
    kind, _, data = tail[:-1].partition(b'","data":')
    version = 1
    if b" " in kind:
        number, _, kind = kind.partition(b" ")
        version = int(number[1:])
    name = kind.decode()
    try:
        return name, understand(name, data, v=version), ""
    except NotUnderstood as error:
        return name, None, str(error)


@lru_cache(maxsize=4096)
def kind_of(tail: bytes) -> Kind:
    """Votes are most lines: whoever scans needs no more of them than this."""
    _, record, _ = read_tail(tail)
    if record is None:
        return Kind.NOTHING
    return Kind.VOTE if isinstance(record, Vote) else Kind.RECORD
