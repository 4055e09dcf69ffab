"""What may be shown of one vote to whoever has its code: that it is in the log, and nothing else.

The index of its entry is shown, for there is no proof without it. It leads to no kiosk: entries of
all kiosks stand in it mixed, and they open with an auditor's token only. Who watches the public
checkpoints all day can tell from it in which minute the server took the line, which for a kiosk
that was offline is not when the vote was cast.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings

from protocol.checkpoint import Checkpoint, read_checkpoint
from protocol.errors import ProtocolError
from protocol.tlog_proof import TlogProof
from server.ledger.proofs import check_proof, prove_line
from server.ledger.standing import is_stopped, read_cosigners
from server.ledger.tree import LostEntry
from server.votes.codes import CodedLine, find_votes, is_known
from server.web.months import local_time

State = Literal["unknown", "waiting", "broken", "proved"]


@dataclass(frozen=True)
class Shown:
    """A proof that was checked here before it is shown."""

    proof: TlogProof
    checkpoint: Checkpoint
    cosigned: tuple[tuple[str, datetime], ...]

    @property
    def root_groups(self) -> list[str]:
        """The root in hex, in groups of four that two people can compare aloud."""
        return hex_groups(self.checkpoint.root)

    @property
    def note(self) -> str:
        return self.proof.checkpoint.decode()

    @property
    def text(self) -> str:
        return self.proof.pack().decode()


@dataclass(frozen=True)
class Answer:
    """What is known of a code. Two proofs: two votes have this code. stopped: nothing is signed at
    present, so that what waits waits longer."""

    state: State
    proofs: tuple[Shown, ...] = ()
    stopped: bool = False


def answer_code(code: str, *, now_ms: int) -> Answer:
    """What the log says of the vote with this code (XXXX-XXXX-XXXX)."""
    votes = find_votes(code)
    if not votes:  # a line that is another one now, or gone, is no reason to reassure anybody
        return Answer("broken" if is_known(code) else "unknown")
    try:
        proofs = [_prove(vote, now_ms) for vote in votes]
    except (LostEntry, ProtocolError):
        return Answer("broken")
    shown = tuple(proof for proof in proofs if proof is not None)
    if len(shown) < len(votes):
        return Answer("waiting", stopped=is_stopped())
    return Answer("proved", shown, stopped=is_stopped())


def hex_groups(root: bytes) -> list[str]:
    """32 bytes as sixteen groups of four hex digits."""
    text = root.hex()
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _prove(vote: CodedLine, now_ms: int) -> Shown | None:
    proof = prove_line(unit=vote.unit, journal=vote.journal, seq=vote.seq, now_ms=now_ms)
    if proof is None:
        return None
    check_proof(proof, entry=vote.body, now_ms=now_ms)
    cosigned = [
        (one.name, local_time(one.at_s * 1000, settings.TIME_ZONE))
        for one in read_cosigners(proof.checkpoint)
    ]
    return Shown(proof, read_checkpoint(proof.checkpoint), tuple(cosigned))
