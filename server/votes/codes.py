"""Vote codes: from what a citizen photographed to the line, by one indexed query."""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from protocol.crockford import CROCKFORD, VOTE_CODE_CHARACTERS, read_code, vote_code
from server.ledger.selectors import read_each
from server.votes.models import VoteCode

AT_ONCE = 1_000


class CodedLine(NamedTuple):
    """A vote's line and where it stands."""

    unit: str
    journal: str
    seq: int
    body: bytes


def read_vote_code(typed: str) -> str:
    """What somebody typed, as XXXX-XXXX-XXXX; protocol.crockford.BadCode if it is no vote code."""
    plain = read_code("".join(typed.split()), VOTE_CODE_CHARACTERS)
    return "-".join(plain[at : at + 4] for at in range(0, VOTE_CODE_CHARACTERS, 4))


def find_votes(code: str) -> list[CodedLine]:
    """The votes with this code (as read_vote_code gives it): one, none yet, or by the rarest of
    chances two. The line itself decides; the table only says where to look."""
    rows = VoteCode.objects.filter(code=_number(code)).order_by("unit", "journal", "seq")
    return [
        CodedLine(unit, journal, seq, body)
        for unit, journal, seq in rows.values_list("unit", "journal", "seq")
        for body in read_each(unit=unit, journal=journal, seqs={seq})
        if vote_code(body) == code
    ]


def is_known(code: str) -> bool:
    """Whether a vote with this code was understood once, whatever its line says today."""
    return VoteCode.objects.filter(code=_number(code)).exists()


def any_code() -> str | None:
    """The code of some vote, for who wants to try; None if there is none."""
    row = VoteCode.objects.order_by("code").values_list("unit", "journal", "seq").first()
    if row is None:
        return None
    unit, journal, seq = row
    return next((vote_code(b) for b in read_each(unit=unit, journal=journal, seqs={seq})), None)


def number_of_line(body: bytes) -> int:
    """The code of a vote's line as the 60-bit number that is kept."""
    return int.from_bytes(hashlib.sha256(body).digest()[:8]) >> 4


def uncoded(unit: str, journal: str, bodies: Mapping[int, bytes]) -> list[int]:
    """The seqs of those votes of a journal that would not be found by their code."""
    codes = {seq: number_of_line(body) for seq, body in bodies.items()}
    seqs, held = sorted(codes), set()
    for first in range(0, len(seqs), AT_ONCE):
        some = [codes[seq] for seq in seqs[first : first + AT_ONCE]]
        rows = VoteCode.objects.filter(code__in=some, unit=unit, journal=journal)
        held |= set(rows.values_list("seq", "code"))
    return [seq for seq in seqs if (seq, codes[seq]) not in held]


def _number(code: str) -> int:
    number = 0
    for character in code.replace("-", ""):
        number = number << 5 | CROCKFORD.index(character)
    return number
