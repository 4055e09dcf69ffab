"""The proof of one vote: shown to whoever has the code, and nothing told but that it is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from protocol.checkpoint import open_checkpoint
from protocol.cosignature import Witness, cosign
from protocol.crockford import vote_code
from protocol.keys import new_key
from protocol.merkle import BadProof, leaf_hash, verify_inclusion
from protocol.note import add_signatures
from protocol.tlog_proof import TlogProof
from tests.server.web.conftest import NOW, Office


def integrate() -> None:
    """Every entry gets its place, and no checkpoint."""
    from server.ledger.integrator import integrate_all

    integrate_all()


def sign(folder: Path) -> bytes:
    """Every entry gets its place, and a checkpoint is signed over them."""
    from server.ledger.keys import read_log
    from server.ledger.signing import sign_checkpoint_now

    integrate()
    return sign_checkpoint_now(read_log(now_ms=NOW), folder, now_ms=NOW)


def votes_of(office: Office, counter: str) -> dict[str, bytes]:
    """The votes of a counter's kiosk by their codes."""
    lines = office.kiosks[counter].lines
    return {vote_code(line): line for line in lines if b'"type":"vote"' in line}


@pytest.fixture
def signed(busy_office: Office, server_folder: Path) -> Office:
    sign(server_folder)
    return busy_office


def test_a_typed_code_leads_to_the_proof_of_its_vote(signed: Office, reader: Any) -> None:
    code = next(iter(votes_of(signed, "99001-1")))
    for typed in (code, code.lower().replace("-", ""), f" {code.replace('1', 'I')} "):
        reply = reader(None).get("/proof/", {"code": typed}, follow=True)
        assert reply.redirect_chain == [(f"/proof/{code}/", 302)]
        assert "Lượt đánh giá này đã có trong sổ" in reply.content.decode()
    # As a kiosk's QR has it: the address, and the code behind it.
    assert reader(None).get(f"/proof/{code}").headers["Location"] == f"/proof/{code}/"


def test_the_proof_that_is_handed_out_holds_for_the_line_and_for_no_other(
    signed: Office, reader: Any
) -> None:
    from server.ledger.keys import read_log

    votes = votes_of(signed, "99001-1")
    (code, line), (_, other) = list(votes.items())[:2]
    reply = reader(None).get(f"/proof/{code}/proof.txt")
    assert "attachment" in reply.headers["Content-Disposition"]
    proof = TlogProof.unpack(reply.content)
    checkpoint = open_checkpoint(proof.checkpoint, read_log(now_ms=NOW).known)

    def verify(entry: bytes) -> None:
        verify_inclusion(
            index=proof.log_index, size=checkpoint.size, leaf=leaf_hash(entry),
            proof=proof.hashes, root=checkpoint.root,
        )  # fmt: skip

    verify(line)
    with pytest.raises(BadProof):
        verify(other)
    page = reader(None).get(f"/proof/{code}/").content.decode()
    assert proof.checkpoint.decode().splitlines()[2] in page.replace("&#x27;", "'")
    groups = re.findall(r"<span>([0-9a-f]{4})</span>", page)
    assert bytes.fromhex("".join(groups)) == checkpoint.root


def test_the_page_tells_neither_rating_nor_time_nor_counter(signed: Office, reader: Any) -> None:
    """Pages of all votes of all kiosks differ in code, index and hashes and in nothing else."""

    def skeleton(code: str) -> str:
        reply = reader(None).get(f"/proof/{code}/")
        headers = sorted(
            (name, value) for name, value in reply.headers.items() if name != "Content-Length"
        )
        page = reply.content.decode().replace(code, "CODE")
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "TOKEN", page)
        page = re.sub(r"Mục số \d+ của", "INDEX", page)
        page, proofs = re.subn(r"(?s)<pre[^>]*>c2sp.org/tlog-proof@v1.*?</pre>", "PROOF", page)
        page, groups = re.subn(r"<span>[0-9a-f]{4}</span>", "GROUP", page)  # any digits, by chance
        assert (proofs, groups) == (1, 16)
        return page + repr([pair for pair in headers if pair[0] not in ("Set-Cookie", "Expires")])

    pages = {
        skeleton(code)
        for counter in ("99001-1", "99001-2", "99001-3")
        for code in votes_of(signed, counter)
    }
    assert len(pages) == 1
    page = pages.pop()
    for told in ("99001", "99002", "k-", "CB-0", "Cán bộ", "Kiosk 9", "Quầy", "2025"):
        assert told not in page, told
    for paper in signed.kiosks.values():
        assert paper.kiosk not in page and paper.journal not in page


def test_a_vote_that_has_no_checkpoint_yet_is_said_to_wait(
    busy_office: Office, reader: Any, server_folder: Path
) -> None:
    code = next(iter(votes_of(busy_office, "99001-1")))
    for work in (lambda: None, integrate):
        work()
        reply = reader(None).get(f"/proof/{code}/")
        page = reply.content.decode()
        assert "đang chờ ghi vào sổ" in page and 'http-equiv="refresh" content="20"' in page
        assert reader(None).get(f"/proof/{code}/proof.txt").status_code == 404
    sign(server_folder)
    page = reader(None).get(f"/proof/{code}/").content.decode()
    assert "đã có trong sổ" in page and "http-equiv" not in page


def test_while_signing_is_stopped_nobody_is_promised_a_checkpoint(
    signed: Office, reader: Any
) -> None:
    from server.ledger.signing import stop_signing

    old = next(iter(votes_of(signed, "99001-1")))
    signed.votes("99001-2", None, [1])
    new = list(votes_of(signed, "99001-2"))[-1]
    stop_signing("for a test", b"", now_ms=NOW)
    page = reader(None).get(f"/proof/{new}/").content.decode()
    assert "tạm ngừng ký" in page and "for a test" not in page and "mỗi phút" not in page
    assert reader(None).get(f"/proof/{old}/").status_code == 200  # what was signed stays proved


@pytest.mark.usefixtures("signed")
def test_an_unknown_code_may_come_yet_and_a_mistyped_one_is_shown_escaped(reader: Any) -> None:
    reply = reader(None).get("/proof/7K3M-9QXA-2B4D/")
    assert reply.status_code == 404
    page = reply.content.decode()
    assert "Chưa tìm thấy mã này" in page and "http-equiv" not in page
    reply = reader(None).get("/proof/", {"code": '"><script>x</script>'})
    assert reply.status_code == 400
    assert "<script>x" not in reply.content.decode() and "12 chữ và số" in reply.content.decode()


def test_a_self_test_has_no_page(office: Office, reader: Any, server_folder: Path) -> None:
    from server.ingest.services import accept_lines
    from server.pipeline import run_until_done

    paper = office.kiosks["99001-1"]
    paper.add("test", {"rating": 5})
    paper.vote(5)
    accept_lines(
        journal=paper.journal, head_note=paper.head(), body=paper.body(), now_ms=NOW - 60_000
    )
    run_until_done()
    sign(server_folder)
    test, vote = (vote_code(line) for line in paper.lines)
    assert reader(None).get(f"/proof/{vote}/").status_code == 200
    assert reader(None).get(f"/proof/{test}/").status_code == 404


def test_two_votes_of_one_code_are_both_proved(
    signed: Office, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 bits cannot be brought to collide here: the hash is made shorter."""
    from server.votes import codes
    from server.votes.models import VoteCode

    monkeypatch.setattr(codes, "vote_code", lambda _: "0000-0000-0000")
    some = VoteCode.objects.order_by("journal", "seq")[:2]
    for row in list(some):
        VoteCode.objects.create(code=0, unit=row.unit, journal=row.journal, seq=row.seq)
    page = reader(None).get("/proof/0000-0000-0000/").content.decode()
    assert page.count("c2sp.org/tlog-proof@v1") == 2 and "hơn một lượt" in page


@pytest.mark.parametrize("attack", ["line", "tile", "line gone"])
def test_a_line_or_tile_changed_on_the_server_proves_nothing(
    signed: Office, reader: Any, attack: str
) -> None:
    """The page checks what it shows; a line that was changed or removed is not "not sent yet"."""
    from server.ledger.models import Line, StoredTile

    code, line = next(iter(votes_of(signed, "99001-1").items()))
    stored = Line.objects.filter(body=line)
    if attack == "line":
        stored.update(body=line.replace(b'"rating":5', b'"rating":1'))
    elif attack == "line gone":
        stored.delete()
    else:
        for tile in StoredTile.objects.all():
            hashes = bytes(tile.hashes)
            StoredTile.objects.filter(level=tile.level, number=tile.number).update(
                hashes=bytes([hashes[0] ^ 1]) + hashes[1:]
            )
    # Against the first line's proof the changed tile matters if it is not that very leaf.
    code = code if attack != "tile" else list(votes_of(signed, "99001-1"))[1]
    reply = reader(None).get(f"/proof/{code}/")
    assert reply.status_code == 503
    assert "báo cho cơ quan thanh tra" in reply.content.decode()
    assert "đã có trong sổ" not in reply.content.decode()


def test_who_cosigned_is_shown_with_when(signed: Office, reader: Any, server_folder: Path) -> None:
    from server.ledger.models import SignedCheckpoint

    key = new_key()
    row = SignedCheckpoint.objects.get()
    line = cosign(bytes(row.note), name="thanh-tra.example", key=key, at_s=NOW // 1000)
    note = add_signatures(bytes(row.note), [line])
    SignedCheckpoint.objects.filter(size=row.size).update(note=note, cosigned=True)
    signed.votes("99001-2", None, [5])
    sign(server_folder)
    code = next(iter(votes_of(signed, "99001-1")))
    page = reader(None).get(f"/proof/{code}/").content.decode()
    assert "thanh-tra.example" in page and "16:26:40 22/11/2025" in page
    proof = TlogProof.unpack(reader(None).get(f"/proof/{code}/proof.txt").content)
    from protocol.cosignature import open_cosignatures

    witness = Witness("thanh-tra.example", key.public_key())
    assert open_cosignatures(proof.checkpoint, [witness])


def test_the_way_to_a_vote_takes_a_few_queries_however_long_the_journal(
    signed: Office, reader: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    codes = list(votes_of(signed, "99001-1"))
    with CaptureQueriesContext(connection) as queries:
        reader(None).get(f"/proof/{codes[0]}/")
    assert len(queries) < 30
    looked = next(q["sql"] for q in queries if "votes_votecode" in q["sql"])
    with connection.cursor() as cursor:
        analyze = "" if connection.vendor == "postgresql" else "QUERY PLAN "
        cursor.execute(f"EXPLAIN {analyze}{looked}")
        plan = str(cursor.fetchall())
    if connection.vendor == "sqlite":
        assert "SEARCH" in plan and "code=?" in plan
