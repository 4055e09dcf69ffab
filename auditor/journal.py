"""One journal's export, checked line by line: chain, genesis, signed head, and what it says."""

from typing import Literal, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from auditor.contents import Contents, read_contents
from auditor.errors import CannotCheck as CannotCheck
from protocol.journal import (
    CheckedLine,
    Head,
    MalformedLine,
    check_lines,
    genesis_hash,
    read_head,
    split_export,
)
from protocol.keys import public_bytes
from protocol.note import BadNote, open_note

Verdict = Literal["proved", "contradicted", "unchecked"]

# What no check of this file alone can tell, said every time.
LIMITS = (
    "What the kiosk wrote after the head: only the server's receipts tell.",
    "When the lines reached the server: the times in them are the kiosk's own.",
    "Who pressed, and whether the key given is the one that was enrolled.",
)


class Key(NamedTuple):
    """The kiosk's verifier key: its name is the kiosk id."""

    name: str
    public: Ed25519PublicKey


class Contradiction(msgspec.Struct, frozen=True):
    """Where the export is not what the kiosk signed; `seq` and `line` (of the file, from 1)."""

    sentence: str
    seq: int | None = None
    line: int | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The bounded statement about one export."""

    verdict: Verdict
    kiosk: str
    journal: str
    head_seq: int
    first_seq: int | None
    last_seq: int | None
    proved: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    unchecked: tuple[str, ...]
    limits: tuple[str, ...]
    contents: Contents | None


def audit_journal(export: bytes, key: Key | None) -> Report:
    """Check an export; CannotCheck if it is none or the key is another kiosk's."""
    try:
        body, note = split_export(export)
        kiosk, journal, head = read_head(note)
    except BadNote as error:
        raise CannotCheck(f"This is no export of a journal: {error}") from None
    if key and key.name != kiosk:
        raise CannotCheck(f"The key is {key.name}'s, the export is {kiosk}'s; give {kiosk}'s key.")
    proved: list[str] = []
    against: list[Contradiction] = []
    unchecked: list[str] = []
    lines = _check_chain(body, journal, proved, against)
    if lines is not None:
        against.extend(_check_head(lines, head))
        _check_start(lines, head, genesis_hash(journal, public_bytes(key.public)) if key else None,
                     proved, against, unchecked)  # fmt: skip
    _check_signature(note, key, head, proved, against, unchecked)
    verdict: Verdict = "contradicted" if against else "unchecked" if unchecked else "proved"
    return Report(
        verdict=verdict,
        kiosk=kiosk,
        journal=journal,
        head_seq=head.seq,
        first_seq=lines[0].seq if lines else None,
        last_seq=lines[-1].seq if lines else None,
        proved=tuple(proved),
        contradictions=tuple(against),
        unchecked=tuple(unchecked),
        limits=LIMITS,
        contents=None if lines is None else read_contents(lines),
    )


def _check_chain(
    body: bytes, journal: str, proved: list[str], against: list[Contradiction]
) -> list[CheckedLine] | None:
    try:
        lines = check_lines(body, journal=journal)
    except MalformedLine as error:
        against.append(Contradiction(_where(error), error.seq, error.place))
        return None
    if lines:
        proved.append(
            f"Lines {lines[0].seq} to {lines[-1].seq} follow one another without a gap, "
            "each naming the hash of the one before."
        )
    return lines


def _where(error: MalformedLine) -> str:
    """The breach; of two lines that do not fit together either may be the changed one."""
    if error.place is None or error.place < 2 or '"prev"' not in str(error):
        return str(error)
    before = error.place - 1
    held = f" What stands before line {before} of the file holds." if before > 1 else ""
    return f"{error} Line {before} was changed, or what line {error.place} says of it.{held}"


def _check_head(lines: list[CheckedLine], head: Head) -> list[Contradiction]:
    """The signed head must be the last line: fewer lines were cut off, more were never signed."""
    last = lines[-1].seq if lines else 0
    if head.seq > last:
        return [
            Contradiction(
                f"The head was signed over line {head.seq}, but the file ends at line {last}.",
                last + 1,
            )
        ]
    if head.seq < last:
        return [
            Contradiction(
                f"The file goes on after the signed head: line {head.seq + 1} is vouched for by "
                "nobody.",
                head.seq + 1,
                len(lines) - (last - head.seq) + 1,
            )
        ]
    if lines and lines[-1].hash != head.hash:
        return [
            Contradiction(
                f"Line {last} is not the one whose hash stands in the signed head.",
                last,
                len(lines),
            )
        ]
    return []


def _check_start(
    lines: list[CheckedLine],
    head: Head,
    genesis: bytes | None,
    proved: list[str],
    against: list[Contradiction],
    unchecked: list[str],
) -> None:
    """The first line must grow from the genesis hash, which binds journal and key."""
    first = lines[0].seq if lines else 1
    if first > 1:
        unchecked.append(
            f"The file begins at line {first}. A kiosk prunes lines 400 days after the server has"
            f" acknowledged them; whether lines 1 to {first - 1} were, the server's copy tells."
        )
    elif genesis is None:
        unchecked.append("That line 1 is this key's first: no key was given.")
    elif (lines[0].prev if lines else head.hash) != genesis:
        sentence = "The journal does not begin from the genesis hash of its name and this key."
        against.append(Contradiction(sentence, 1, 1 if lines else None))
    else:
        proved.append("The journal begins where it must, from the hash of its name and key.")


def _check_signature(
    note: bytes,
    key: Key | None,
    head: Head,
    proved: list[str],
    against: list[Contradiction],
    unchecked: list[str],
) -> None:
    if key is None:
        unchecked.append("Who signed the head: give the kiosk's verifier key with --key.")
        return
    try:
        open_note(note, name=key.name, public_key=key.public)
    except BadNote as error:
        against.append(Contradiction(str(error), head.seq))
        return
    proved.append(f"The head over line {head.seq} is signed by {key.name}'s key.")
