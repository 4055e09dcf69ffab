"""Whatever the server writes into the log is one of the types that docs/protocol.md names."""

import ast
from pathlib import Path
from typing import Any

import pytest

from protocol.deeds import DEEDS, understand_record
from protocol.server_record import read_server_record
from tests.server.ledger.made import log_all
from tests.server.votes.river import new_unit, online

ROOT = Path(__file__).parents[3] / "server"
LATER = {"erased", "rules"}  # by stages that are not built yet
DECIDED = {"excluded", "included"}  # which of the two a decision says (tests/server/flags)


def _types_in_the_code() -> set[str]:
    """The constant `type=` of every call of record_deed, and of the few that wrap it."""
    found = set()
    for file in ROOT.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                name = call.func.id
                for word in call.keywords if name in ("record_deed", "record_next_deed") else ():
                    if word.arg == "type" and isinstance(word.value, ast.Constant):
                        found.add(str(word.value.value))
                for told in call.args[:2] if name == "_record" else ():
                    if isinstance(told, ast.Constant):
                        found.add(str(told.value))
    return found | {"received"}


def test_every_type_that_the_code_writes_is_known_and_nothing_else() -> None:
    assert _types_in_the_code() == DEEDS.keys() - LATER - DECIDED


@pytest.fixture
def deeds(server_folder: Path, tmp_path: Path) -> set[str]:
    """Do what leaves each kind of record, by the doors and services that people use."""
    from server.clock import now_ms
    from server.fleet.orders import order_deed
    from server.fleet.services import make_code, make_kiosk, order_duty
    from server.ingest.revocation import find_revocable, revoke_journal
    from server.ledger.keys import rotate_key
    from server.ledger.looks import record_published, record_view
    from server.ledger.signing import begin_new_log
    from server.ledger.tokens import make_token, may_view
    from tests.server.doors import enrol, send
    from tests.server.kiosks import PaperKiosk

    at_ms = now_ms()
    unit = new_unit()
    paper = PaperKiosk(make_kiosk(counter=f"{unit}-1", now_ms=at_ms, by="x").id)

    def enrolled(paper: PaperKiosk) -> None:
        code = make_code(kiosk=paper.kiosk, now_ms=now_ms(), by="x")
        assert enrol(code, paper.key, paper.journal).status == 201

    enrolled(paper)
    for _ in range(3):
        paper.vote()
    assert send(paper).status == 200
    other = paper.branch(1)
    other.vote(1)
    assert send(other).status == 409  # forked
    assert send(other, door="quarantine").status == 202
    enrolled(PaperKiosk(paper.kiosk))
    again = PaperKiosk(paper.kiosk)
    enrolled(again)
    order_duty(kiosk=paper.kiosk, official="CB-1", now_ms=at_ms, by="x")
    order_deed(kiosk=paper.kiosk, what="restart", by="x", now_ms=at_ms)
    revoke_journal(
        journal=find_revocable(again.journal), from_seq=1, reason="lost", by="x", now_ms=at_ms
    )
    may_view(make_token(name="a", by="x", now_ms=at_ms), now_ms=at_ms)
    record_view(by="x", what="y", now_ms=at_ms)
    record_published(sha256="0" * 64, size=0, by="x", now_ms=at_ms)
    _correct(unit, at_ms)
    _import(tmp_path / "officials.csv", unit, at_ms)
    _look_at_a_signal(unit, at_ms)
    rotate_key(now_ms=at_ms)
    online(unit, 2).send()
    _restore(at_ms)
    log_all()
    begin_new_log(now_ms=at_ms + 1)
    return _understood()


def _correct(unit: str, at_ms: int) -> None:
    from server.attribution.objections import answer_objection, object_to
    from server.attribution.posted import set_duty
    from server.attribution.rulings import propose_ruling
    from server.organisation.models import Role, Unit
    from server.organisation.services import add_shifts, give_grant, make_account, set_rules

    spans = [(at_ms, at_ms + 3_600_000)]
    add_shifts(unit=Unit.objects.get(code=unit), counter=f"{unit}-1", official="CB-1", spans=spans,
               by="x", now_ms=at_ms)  # fmt: skip
    asked = {"shifts_count": True, "two_for_rulings": None}
    set_rules(unit=Unit.objects.get(code=unit), **asked, by="x", now_ms=at_ms)
    inspector = make_account(username="i", password="i" * 12, role=Role.INSPECTOR, check=False)
    give_grant(account=inspector, unit=Unit.objects.get(code=unit), by="x", now_ms=at_ms)
    where = {"unit": unit, "counter": f"{unit}-1"}
    set_duty(**where, official="CB-1", by="x", now_ms=at_ms)
    set_duty(**where, official="", by="x", now_ms=at_ms + 1)
    ruling = propose_ruling(
        **where, from_ms=at_ms - 3_600_000, to_ms=at_ms - 1_800_000, official="CB-1",
        reason="forgot to sign in", by="x", now_ms=at_ms,
    )  # fmt: skip
    objection = object_to(
        unit=unit, official="CB-1", ruling=ruling, text="I was away", by="y", now_ms=at_ms
    )
    answer_objection(unit=unit, number=objection, answer="noted", by="x", now_ms=at_ms)


def _look_at_a_signal(unit: str, at_ms: int) -> None:
    from server.signals.models import Signal
    from server.signals.services import close, look_at

    Signal.objects.create(
        unit=unit, number=1, kind="silence", counter=f"{unit}-1", since_date="2026-01-05",
        found_date="2026-01-06", statistic_m=1, threshold_m=1, arl=1,
    )  # fmt: skip
    look_at(unit=unit, number=1, by="i", now_ms=at_ms)
    close(unit=unit, number=1, outcome="a power cut", by="i", now_ms=at_ms)


def _import(file: Path, unit: str, at_ms: int) -> None:
    from server.importing.services import Source, import_file
    from server.importing.undoing import undo_import

    file.write_text(f"code,name,unit\nCB-9,Sample Nine,{unit}\n")
    source = Source(file, file.name)
    done = import_file(kind="officials", source=source, by="x", now_ms=at_ms, dry_run=False)
    assert done.number
    undo_import(number=done.number, by="x", now_ms=at_ms)


def _restore(at_ms: int) -> None:
    from server.backup.after import begin_anew

    begin_anew(made_ms=at_ms, now_ms=at_ms)


def _understood() -> set[str]:
    from server.ledger.models import ServerRecord

    types: set[str] = set()
    rows: Any = ServerRecord.objects.values_list("type", "body")
    for type, body in rows:
        found = read_server_record(bytes(body))
        assert found.type == type
        understand_record(found.type, found.data)
        types.add(type)
    return types


def test_every_deed_that_is_done_is_understood(deeds: set[str]) -> None:
    assert deeds == DEEDS.keys() - LATER - DECIDED
