"""Whatever is thrown at the line door: no server error, nothing stored by halves, ever.

`python -m bench.fuzz SECONDS` runs it for as long as one likes, with other seeds.
"""

import gzip
import hashlib
import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from protocol.journal import line_hash, open_head
from protocol.problems import PROBLEMS
from tests.server.doors import Reply, knock
from tests.server.ingest.mutations import MUTATION, Request, good_request, mutate
from tests.server.ingest.test_line_door import enrolled, stored
from tests.server.kiosks import PaperKiosk

EXAMPLES = os.environ.get("HAILONG_EXAMPLES")
STEP = st.tuples(
    st.integers(0, 3),  # lines written before
    st.sampled_from([0, 0, 0, 0, 1, 2, 3, -1]),  # how many the server has of those sent; -1: a gap
    st.sampled_from([0, 1, 1, 2, 3, 5]),  # how many lines are sent; 0: a heartbeat
    st.sampled_from([False] * 3 + [True]),  # by a copy of the card that went its own way
    st.just([]) | st.lists(MUTATION, min_size=1, max_size=2),
)


def row(paper: PaperKiosk) -> Any:
    from server.ingest.models import Journal

    return Journal.objects.get(journal=paper.journal)


def check_chain(paper: PaperKiosk, lines: list[bytes]) -> None:
    """The stored lines are a chain from the genesis hash to the stored head: by SHA-256 alone."""
    before = paper.hash_at(0).hex()
    for seq, line in enumerate(lines, 1):
        found = re.match(rb'\{"v":\d+,"journal":"([^"]+)","seq":(\d+),"prev":"(\w{64})",', line)
        assert found, line
        assert found[1].decode() == paper.journal
        assert (int(found[2]), found[3].decode()) == (seq, before)
        before = hashlib.sha256(line).hexdigest()
    head = row(paper)
    assert (head.acked, bytes(head.head_hash).hex()) == (len(lines), before)
    if lines:  # the kiosk's own word for it is kept beside them
        signed = open_head(
            bytes(head.head_note), kiosk=paper.kiosk, journal=paper.journal,
            public_key=paper.key.public_key(),
        )  # fmt: skip
        assert (signed.seq, signed.hash.hex()) == (len(lines), before)


def check_answer(reply: Reply) -> None:
    if reply.status == 200:
        assert reply.headers["Content-Type"] == "application/json"
        return
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.word != "busy", reply.body
    assert reply.status == PROBLEMS[reply.word].status


def check_store(
    paper: PaperKiosk, request: Request, reply: Reply, before: list[bytes], state: str
) -> None:
    """Refused: nothing has changed, but that a fork is noted. Taken: what was sent was kept."""
    after = stored(paper)
    check_chain(paper, after)
    if reply.status != 200:
        assert after == before
        assert row(paper).state == ("forked" if reply.word == "fork" else state)
        return
    assert state == row(paper).state == "open"
    assert reply.json["acked"] == len(after)
    assert after[: len(before)] == before
    body = request.body if request.packed is None else gzip.decompress(request.packed)
    sent = body.removesuffix(b"\n").split(b"\n") if body.strip(b"\n") else []
    if sent:  # every line of the body now stands where it says, byte for byte
        first = int(sent[0].split(b'"seq":')[1].split(b",")[0])
        assert after[first - 1 : first - 1 + len(sent)] == sent
    else:
        held = line_hash(after[request.seq - 1]) if request.seq else paper.hash_at(0)
        assert (held, after) == (request.hash, before)


@settings(
    max_examples=int(EXAMPLES or 100), deadline=None, derandomize=EXAMPLES is None, database=None,
    phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(steps=st.lists(STEP, min_size=3, max_size=10))
def test_no_request_is_a_server_error_or_stored_by_halves(steps: list[Any]) -> None:
    paper = enrolled()
    clone = paper.branch(2)
    clone.vote(2)
    for more, overlap, count, cloned, mutations in steps:
        sender = clone if cloned else paper
        for _ in range(more):
            sender.vote(4)
        first = max(1, row(paper).acked + 1 - overlap)
        request = good_request(sender, first, min(first + count - 1, len(sender.lines)))
        for mutation in mutations:
            mutate(request, mutation)
        target, body, headers = request.seal()
        before, state = stored(paper), row(paper).state
        reply = knock("POST", target, body, **headers)
        check_answer(reply)
        check_store(paper, request, reply, before, state)
        if not mutations:
            assert reply.status == 200 or reply.word in ("gap", "fork")


@pytest.mark.parametrize("mutation", ["gzip", "version", "splice last"])
def test_what_the_mutations_do_to_a_good_request_is_felt(mutation: str) -> None:
    """The target is reached: the mutations that may be harmless are taken, the others are not."""
    how = {
        "gzip": ("gzip", "good", 0),
        "version": ("version", b"2"),
        "splice last": ("splice last", 3, 1, b"x"),
    }[mutation]
    paper = enrolled()
    request = good_request(paper, 1, 3)
    mutate(request, how)
    target, body, headers = request.seal()
    assert knock("POST", target, body, **headers).status == (422 if "last" in mutation else 200)
