"""Revoking a journal from one line on (protocol.md 4, integrity.md J and L)."""

import json
import threading
import time
from typing import Any

import pytest

from protocol.enrolment import hash_code
from protocol.keys import new_key
from tests.server.doors import enrol, knock, send, signature
from tests.server.fleet.test_settings import NOW, put, run
from tests.server.kiosks import PaperKiosk


@pytest.fixture
def paper() -> PaperKiosk:
    """An enrolled kiosk that has sent five votes; one official may sign in there."""
    from server.fleet.services import make_code, make_kiosk
    from server.ingest.journals import now_ms
    from server.organisation.services import make_counter, make_official, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_counter(unit=unit, number=1)
    make_official(unit=unit, code="CB-0101", name="Cán bộ mẫu", pin="010101")
    make_official(unit=unit, code="CB-0102", name="Người không có mã")
    other = make_unit(code="99002", name="Xã khác")
    make_official(unit=other, code="CB-0201", name="Người khác", pin="020202")
    kiosk = make_kiosk(counter="99001-1", now_ms=now_ms())
    paper = PaperKiosk(kiosk.id)
    assert enrol(make_code(kiosk=kiosk.id, now_ms=now_ms()), paper.key, paper.journal).status == 201
    for _ in range(5):
        paper.vote()
    assert send(paper).status == 200
    return paper


def revoke(paper: PaperKiosk, seq: int, reason: str = "Thẻ nhớ bị mất") -> Any:
    from server.ingest.revocation import revoke_journal

    return revoke_journal(
        journal=paper.journal, from_seq=seq, reason=reason, by="quan-tri", now_ms=NOW
    )


def row(paper: PaperKiosk) -> Any:
    from server.ingest.models import Journal

    return Journal.objects.get(journal=paper.journal)


def deeds(paper: PaperKiosk) -> list[dict[str, Any]]:
    from server.ledger.models import ServerRecord

    rows = ServerRecord.objects.filter(journal=paper.journal, type="revoked").order_by("-seq")
    return [json.loads(bytes(row.body))["data"] for row in rows]


def due() -> list[str]:
    from server.organisation.models import Official

    return list(Official.objects.filter(pin_due=True).values_list("code", flat=True))


def test_later_lines_go_to_quarantine_and_stored_ones_stay(paper: PaperKiosk) -> None:
    from server.ingest.known_journals import journals_of_kiosk
    from server.ledger.models import Line

    done = revoke(paper, 4)
    assert (done.stored, done.pins) == (2, ("CB-0101",))
    assert (row(paper).state, row(paper).revoked_seq, row(paper).acked) == ("revoked", 4, 5)
    assert deeds(paper) == [
        {"journal": paper.journal, "from_seq": 4, "reason": "Thẻ nhớ bị mất", "by": "quan-tri"}
    ]
    paper.vote()
    assert (send(paper).status, send(paper).word) == (403, "revoked")
    assert send(paper, paper.body(6), door="quarantine").status == 202
    assert Line.objects.filter(journal=paper.journal).count() == 5
    (known,) = journals_of_kiosk(paper.kiosk)
    assert (known.doubted, known.apart, known.revocations[0].reason) == (2, 1, "Thẻ nhớ bị mất")


def test_its_configuration_door_is_shut(paper: PaperKiosk) -> None:
    revoke(paper, 6)
    target = f"/api/v1/journals/{paper.journal}/config"
    signed = signature(paper.kiosk, paper.key, "GET", target, b"")
    assert knock("GET", target, HTTP_HAILONG_SIGNATURE=signed).word == "revoked"


@pytest.mark.parametrize("seq", [0, -1, 7, 2**53])
def test_a_line_that_cannot_come_next_is_refused(paper: PaperKiosk, seq: int) -> None:
    from server.ingest.revocation import RevocationError

    with pytest.raises(RevocationError, match="between 1 and 6"):
        revoke(paper, seq)
    assert (row(paper).state, due()) == ("open", [])


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 301, "\x00"])
def test_a_reason_is_one_line(paper: PaperKiosk, reason: str) -> None:
    from server.ingest.revocation import RevocationError

    with pytest.raises(RevocationError, match="Say why"):
        revoke(paper, 4, reason)


def test_twice_is_once_lower_takes_more_back_and_higher_is_refused(paper: PaperKiosk) -> None:
    from server.ingest.revocation import RevocationError

    assert revoke(paper, 4) == revoke(paper, 4, "Lần nữa")
    assert len(deeds(paper)) == 1
    assert revoke(paper, 2).stored == 4
    assert [deed["from_seq"] for deed in deeds(paper)] == [4, 2]
    with pytest.raises(RevocationError, match="revoked from line 2"):
        revoke(paper, 3)
    assert row(paper).revoked_seq == 2


def test_a_closed_journal_can_be_revoked(paper: PaperKiosk) -> None:
    from server.fleet.services import make_code
    from server.ingest.journals import now_ms
    from server.ingest.revocation import find_revocable

    other = PaperKiosk(paper.kiosk)
    enrol(make_code(kiosk=paper.kiosk, now_ms=now_ms()), other.key, other.journal)
    assert row(paper).state == "closed"
    assert find_revocable(paper.kiosk) == other.journal  # the card that is in use
    revoke(paper, 1)
    assert (row(paper).state, row(other).state) == ("revoked", "open")
    other.vote()
    assert send(other).status == 200


def test_a_forked_journal_can_be_revoked(paper: PaperKiosk) -> None:
    copy = paper.branch(3)
    copy.vote(1)
    assert send(copy).word == "fork"
    revoke(paper, 3)
    assert send(copy).word == "revoked"


def test_enrolling_again_with_a_new_code_heals_and_the_old_code_does_not(
    paper: PaperKiosk,
) -> None:
    from server.fleet.models import EnrolmentCode
    from server.fleet.services import make_code
    from server.ingest.enrolment import Wish
    from server.ingest.enrolment import enrol as enrol_wish
    from server.ingest.journals import Refused, now_ms

    revoke(paper, 6)
    used = EnrolmentCode.objects.get()
    wish = Wish(used.code_hash, paper.journal, bytes.fromhex(used.used_key))
    with pytest.raises(Refused, match="revoked"):
        enrol_wish(wish)
    again = PaperKiosk(paper.kiosk, new_key())
    code = make_code(kiosk=paper.kiosk, now_ms=now_ms())
    assert hash_code(code) != used.code_hash
    assert enrol(code, again.key, again.journal).status == 201
    again.vote()
    assert send(again).json["acked"] == 1
    assert row(paper).state == "revoked"


def test_pins_become_due_until_they_are_changed_and_not_to_the_same(paper: PaperKiosk) -> None:
    from server.organisation.models import Official
    from server.organisation.services import OrganisationError, set_pin

    revoke(paper, 6)
    assert due() == ["CB-0101"]
    official = Official.objects.get(code="CB-0101")
    with pytest.raises(OrganisationError, match="has to be changed"):
        set_pin(official=official, pin="010101")
    set_pin(official=official, pin="999999")
    assert due() == []


def test_a_pin_that_was_changed_since_is_not_due_and_one_of_an_old_version_is(
    paper: PaperKiosk,
) -> None:
    from server.fleet.services import publish_unit
    from server.organisation.models import Official, Unit
    from server.organisation.services import set_pin

    set_pin(official=Official.objects.get(code="CB-0101"), pin="999999")  # not published yet
    assert revoke(paper, 6).pins == ()
    publish_unit(unit="99001", now_ms=NOW)
    Official.objects.filter(code="CB-0101").update(unit=Unit.objects.get(code="99002"))
    publish_unit(unit="99001", now_ms=NOW)  # moved away; an old version on the card holds the PIN
    assert revoke(paper, 5).pins == ("CB-0101",)


def test_the_technicians_pin_becomes_due_where_it_was_set(paper: PaperKiosk) -> None:
    from server.fleet.errors import FleetError
    from server.fleet.exposure import admin_pins_due

    put("99001", 'admin_pin = "135791"')
    revoke(paper, 6)
    assert admin_pins_due() == {("unit", "99001"): NOW}
    put("99001", "undo_s = 5")
    with pytest.raises(FleetError, match="has to be changed"):
        put("99001", 'admin_pin = "135791"')
    assert admin_pins_due() != {}
    put("99001", 'admin_pin = "246802"')
    assert admin_pins_due() == {}


def test_power_cut_in_the_middle_of_a_revocation(
    paper: PaperKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.ingest import revocation

    def cut(*_: object) -> None:
        raise RuntimeError("the power goes")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(revocation, "_make_due", cut)
        revoke(paper, 4)
    assert (row(paper).state, row(paper).revoked_seq, deeds(paper), due()) == ("open", 0, [], [])
    revoke(paper, 4)
    assert (row(paper).state, len(deeds(paper)), due()) == ("revoked", 1, ["CB-0101"])


def test_a_kiosk_that_sends_while_it_is_revoked(paper: PaperKiosk) -> None:
    """Whoever comes first: each line is stored and acknowledged, or refused; never in between."""
    from django.db import connections

    answers: list[int] = []

    def sending() -> None:
        for _ in range(40):
            paper.vote()
            reply = send(paper, paper.body(len(paper.lines)))
            answers.append(reply.status)
        connections.close_all()

    sender = threading.Thread(target=sending)
    sender.start()
    while len(answers) < 10:
        time.sleep(0.001)
    done = revoke(paper, 8)
    sender.join()
    accepted = answers.count(200)
    assert answers == [200] * accepted + [403] * (40 - accepted)
    assert row(paper).acked == 5 + accepted
    assert done.stored == row(paper).acked - 8 + 1


def test_the_command_says_what_came_of_it(
    paper: PaperKiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    put("99001", 'admin_pin = "135791"')
    assert run("revoke", paper.kiosk, "--from", "4", "--reason", "Thẻ nhớ bị mất") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("is revoked from line 4 on")
    assert said[1].startswith("lines from there on that were stored already: 2")
    assert said[2] == "PIN to be changed: CB-0101"
    assert said[3] == "technician's PIN to be changed: that of unit 99001, on its settings page"
    assert said[4].endswith(f"hailong-server kiosk-code {paper.kiosk}")
    for words in (["k-nobody", "--from", "1"], [paper.journal, "--from", "9"], ["\u0000"]):
        assert run("revoke", *words, *["--reason", "x"][: 2 * (len(words) > 1)]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
