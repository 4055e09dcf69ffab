"""Every attack on a log: the auditor names the place, or says what it cannot see."""

import contextlib
import shutil
import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import CannotCheck, Unable
from auditor.pins import Pin, read_pins
from auditor.place import open_folder
from auditor.report import Report
from auditor.tell import tell
from auditor.verify import Asked, verify
from protocol.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint, sign_rotation
from protocol.cosignature import Witness, cosign, k_of
from protocol.errors import ProtocolError
from protocol.journal import read_line
from protocol.keys import b64, new_key
from protocol.note import add_signatures
from protocol.server_record import build_received
from tests.auditor.maker import HOUR, KEY, LOG, ORIGIN, OTHER_LOG, T0, Log, kiosk, small_log, vote

END = T0 + 80 * HOUR


def audit(folder: Path, *pins: bytes, **more: object) -> Report:
    kept = []
    for at, note in enumerate(pins):
        (folder.parent / f"pin-{at}").write_bytes(note)
        kept += [Pin(one, f"pin-{at}") for one in read_pins(folder.parent / f"pin-{at}")]
    report, _ = verify(open_folder(folder), Asked(KEY, kept, jobs=1, **more))
    return report


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.contradictions]


def cannot(report: Report) -> list[str]:
    return [finding.code for finding in report.limits]


def place_of(report: Report, code: str) -> dict:
    return next(one.values for one in report.contradictions if one.code == code)


@pytest.fixture
def log() -> Log:
    return small_log()[0]


def write(log: Log, tmp_path: Path, name: str = "log") -> Path:
    return log.write(tmp_path / name)


def test_an_honest_log_is_proved_within_bounds(log: Log, tmp_path: Path) -> None:
    report = audit(write(log, tmp_path), log.checkpoint(20))
    assert report.verdict == "proved"
    assert report.counts["lines"] == 81
    assert report.counts["votes"] == 54
    assert {"no_witness", "who_pressed", "end_of_journals"} <= set(cannot(report))
    assert "no_pins" not in cannot(report)


# --- edited files: the checkpoint stays ---------------------------------------------------------


def bundle(folder: Path) -> Path:
    return next((folder / "tile" / "entries").rglob("*.p/*"))


def rewrite(folder: Path, change: Callable[[list[bytes]], object], log: Log) -> None:
    entries = list(log.entries)
    change(entries)
    packed = b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)
    bundle(folder).write_bytes(packed)


def test_an_edited_line_is_named(log: Log, tmp_path: Path) -> None:
    folder = write(log, tmp_path)
    at = next(i for i, entry in enumerate(log.entries) if b'"rating":5' in entry)
    seq = read_line(log.entries[at]).seq

    def edit(entries: list[bytes]) -> None:
        entries[at] = entries[at].replace(b'"rating":5', b'"rating":1')

    rewrite(folder, edit, log)
    report = audit(folder)
    assert place_of(report, "leaf")["index"] == at
    assert place_of(report, "chain")["seq"] == seq + 1


def test_swapped_entries_are_both_named(log: Log, tmp_path: Path) -> None:
    folder = write(log, tmp_path)

    def swap(entries: list[bytes]) -> None:
        entries[6], entries[7] = entries[7], entries[6]

    rewrite(folder, swap, log)
    indices = [one.values["index"] for one in audit(folder).contradictions if one.code == "leaf"]
    assert indices == [6, 7]


@pytest.mark.parametrize("change", [lambda e: e.pop(7), lambda e: e.insert(7, e[7])])
def test_a_deleted_or_inserted_entry_is_named_by_its_bundle(
    change: Callable[[list[bytes]], object], log: Log, tmp_path: Path
) -> None:
    folder = write(log, tmp_path)
    rewrite(folder, change, log)
    assert str(place_of(audit(folder), "tile_broken")["tile"]).startswith("tile/entries/000.p/")


def test_an_export_cut_short_is_named(log: Log, tmp_path: Path) -> None:
    folder = write(log, tmp_path)
    bundle(folder).unlink()
    found = place_of(audit(folder), "tile_missing")
    assert str(found["tile"]).startswith("tile/entries/000")
    assert found["first"] == 0


def test_a_changed_hash_is_named(log: Log, tmp_path: Path) -> None:
    folder = write(log, tmp_path)
    tile = next((folder / "tile" / "0").rglob("*.p/*"))
    data = bytearray(tile.read_bytes())
    data[32 * 5] ^= 1
    tile.write_bytes(data)
    report = audit(folder)
    assert place_of(report, "leaf")["index"] == 5
    assert "root" in codes(report)


# --- the operator signs anew ---------------------------------------------------------------------


def rewritten(log: Log) -> Log:
    """The same days, but a kiosk's last batch never came in: signed with the log's own key."""
    cut, name = log.entries[:], kiosk(1).journal.encode()
    last = max(i for i, entry in enumerate(cut) if name in entry)
    first = last
    while name in cut[first - 1] and b'"received"' not in cut[first - 1]:
        first -= 1
    assert last - first == 9
    forged = Log()
    forged.entries = cut[:first] + cut[last + 1 :]
    return forged


def test_a_history_rewritten_and_signed_anew_looks_right_and_the_report_says_so(
    log: Log, tmp_path: Path
) -> None:
    report = audit(write(rewritten(log), tmp_path))
    assert report.verdict == "proved"
    assert "no_pins" in cannot(report)


def test_a_rewritten_history_is_contradicted_by_a_pin(log: Log, tmp_path: Path) -> None:
    pin = log.checkpoint(len(log.entries) - 20)
    report = audit(write(rewritten(log), tmp_path), pin)
    assert codes(report) == ["pin_inconsistent"]
    assert pin.decode() in report.notes
    assert len(report.notes) == 2


def test_a_rewritten_history_is_contradicted_by_a_witness(log: Log, tmp_path: Path) -> None:
    forged, key = rewritten(log), new_key()
    note = log.checkpoint(len(log.entries) - 20)
    forged.cosigned = add_signatures(note, [cosign(note, name="w1", key=key, at_s=T0 // 1000)])
    policy = k_of([Witness("w1", key.public_key())], 1)
    assert codes(audit(write(forged, tmp_path), policy=policy)) == ["pin_inconsistent"]


def test_a_rewritten_history_is_contradicted_by_what_a_kiosk_wrote_into_its_chain(
    tmp_path: Path,
) -> None:
    log, kiosks = small_log()
    seen = log.checkpoint(80).decode()
    forged = rewritten(log)
    kiosks[1].write("checkpoint", {"note": seen}, END)
    forged.receive(kiosks[1], END)
    report = audit(write(forged, tmp_path))
    assert codes(report) == ["pin_inconsistent"]
    assert f"k-2/journal/{kiosks[1].journal}" in str(report.contradictions[0].values["source"])


def test_a_kiosks_own_checkpoint_that_fits_is_a_pin_without_being_asked(tmp_path: Path) -> None:
    log, kiosks = small_log()
    kiosks[1].write("checkpoint", {"note": log.checkpoint().decode()}, END)
    log.receive(kiosks[1], END)
    report = audit(write(log, tmp_path))
    assert report.verdict == "proved"
    assert report.counts["kiosk_pins"] == 1
    assert "no_pins_but_kiosks" in cannot(report)


def test_a_database_rolled_back_to_yesterday_is_smaller_than_the_pin(
    log: Log, tmp_path: Path
) -> None:
    pin = log.checkpoint()
    log.entries = log.entries[:63]
    report = audit(write(log, tmp_path), pin)
    assert place_of(report, "pin_larger") == {"source": "pin-0", "size": 93, "now": 63}
    assert audit(write(log, tmp_path, "again")).verdict == "proved"  # nothing to see without it


def test_two_roots_for_one_size_are_transferable_proof(log: Log, tmp_path: Path) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, len(log.entries), b"\x07" * 32), [LOG])
    report = audit(write(log, tmp_path), other)
    assert codes(report) == ["pin_other_root"]
    assert report.notes == [other.decode(), log.checkpoint().decode()]


def test_a_pin_that_the_log_never_signed_proves_nothing_against_it(
    log: Log, tmp_path: Path
) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 10, b"\x07" * 32), [OTHER_LOG])
    report = audit(write(log, tmp_path), other)
    assert report.verdict == "unchecked"
    assert [one.code for one in report.unchecked] == ["pin_unsigned"]


# --- keys ----------------------------------------------------------------------------------------


def test_a_key_rotated_with_its_note_is_followed(log: Log, tmp_path: Path) -> None:
    log.rotations = [sign_rotation(ORIGIN, old=LOG, new=OTHER_LOG)]
    log.keys = [OTHER_LOG]
    assert audit(write(log, tmp_path)).verdict == "proved"


def test_a_rotation_that_stands_in_the_log_alone_is_followed(log: Log, tmp_path: Path) -> None:
    note = sign_rotation(ORIGIN, old=LOG, new=OTHER_LOG)
    log.deed("log_key", END, note=note.decode())
    log.keys = [OTHER_LOG]
    assert audit(write(log, tmp_path)).verdict == "proved"


def test_a_rotation_in_the_log_that_the_old_key_did_not_sign_hands_over_nothing(
    log: Log, tmp_path: Path
) -> None:
    note = sign_rotation(ORIGIN, old=OTHER_LOG, new=OTHER_LOG)
    log.deed("log_key", END, note=note.decode())
    log.keys = [OTHER_LOG]
    assert "checkpoint_unsigned" in codes(audit(write(log, tmp_path)))


def test_a_key_rotated_without_overlap_is_named(log: Log, tmp_path: Path) -> None:
    log.keys = [OTHER_LOG]
    report = audit(write(log, tmp_path))
    assert codes(report) == ["checkpoint_unsigned"]
    assert ORIGIN in str(place_of(report, "checkpoint_unsigned")["keys"])


def test_witnesses_that_did_not_sign_leave_it_unchecked(log: Log, tmp_path: Path) -> None:
    policy = k_of([Witness("w1", new_key().public_key())], 1)
    assert audit(write(log, tmp_path), policy=policy).verdict == "unchecked"
    log.cosigned = log.checkpoint()
    assert [one.code for one in audit(write(log, tmp_path, "b"), policy=policy).unchecked] == [
        "quorum"
    ]


def test_two_open_journals_of_one_kiosk_are_listed(tmp_path: Path) -> None:
    log, kiosks = small_log()
    second = kiosk(9)
    second.id = kiosks[0].id
    log.enrol(second, END)
    (found,) = audit(write(log, tmp_path)).lists["open_twice"]
    assert found.values["kiosk"] == second.id
    assert second.journal in str(found.values["journals"])
    log.deed("closed", END, journal=kiosks[0].journal, seq=len(kiosks[0].lines))
    assert "open_twice" not in audit(write(log, tmp_path, "b")).lists


def test_of_many_heads_only_the_newest_is_verified_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, kiosks = small_log()
    one = kiosks[0]
    one.write(*vote(), END)
    log.receive(one, END, head=one.head(key=OTHER_LOG))
    one.write(*vote(), END)
    log.receive(one, END)
    forged = audit(write(log, tmp_path))
    assert codes(forged) == ["head_forged"]
    assert place_of(forged, "head_forged")["kiosk"] == one.id
    for module in ("scan", "verify"):
        monkeypatch.setattr(f"auditor.{module}.EVERY", 10)
    report = audit(write(log, tmp_path, "b"))
    assert report.verdict == "proved"
    (said,) = [one for one in report.limits if one.code == "heads_newest"]
    assert said.values == {"heads": 3, "receipts": 11}
    one.write(*vote(), END)
    log.receive(one, END, head=one.head(key=OTHER_LOG))
    assert codes(audit(write(log, tmp_path, "c"))) == ["head_forged"]


# --- journals: the tree is right, and the lines in it are not -------------------------------------


def one_kiosk() -> Iterator[Log]:
    log, one = Log(), kiosk(1)
    log.enrol(one)
    for at in range(6):
        one.write(*vote(), T0 + at * 1000)
    yield log, one


def journal(change: Callable[[Log, object], None]) -> Log:
    log, one = next(one_kiosk())
    change(log, one)
    return log


def drop_middle(log: Log, one: object) -> None:
    log.receive(one, END)
    del log.entries[3]


def forge_head(log: Log, one: object) -> None:
    log.receive(one, END, head=one.head(key=OTHER_LOG))


def wrong_span(log: Log, one: object) -> None:
    log.entries += one.lines
    log.entries.append(
        build_received(journal=one.journal, first=1, last=5, head=one.head(5), ms=END)
    )


def after(state: str, **data: object) -> Callable[[Log, object], None]:
    def change(log: Log, one: object) -> None:
        log.receive(one, END)
        more = {key: b64(value(one)) if callable(value) else value for key, value in data.items()}
        log.deed(state, END, journal=one.journal, **more)
        one.write(*vote(), END + 1000)
        log.receive(one, END + 2000)

    return change


def no_receipt(log: Log, one: object) -> None:
    log.entries += one.lines
    log.deed("rules", END, sha256="00", by="x")


def no_enrolment(log: Log, one: object) -> None:
    log.receive(one, END)
    del log.entries[0]


def wrong_genesis(log: Log, one: object) -> None:
    log.entries.clear()
    log.enrol(kiosk(2))
    stranger = kiosk(2)
    one.journal, one.id = stranger.journal, stranger.id
    one.lines.clear()
    one.write(*vote(), T0)
    log.receive(one, END)


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (drop_middle, "gap", {"index": 3, "seq": 4, "expected": 3}),
        (forge_head, "head_forged", {"index": 7, "seq": 6}),
        (wrong_span, "received_wrong", {"index": 7, "last": 5}),
        (after("revoked", from_seq=1, reason="x", by="y"), "after_end", {"seq": 7}),
        (after("closed", seq=6), "after_end", {"seq": 7, "state": "closed"}),
        (
            after("forked", seq=3, head_a=lambda one: one.head(3), head_b=lambda one: one.head(2)),
            "after_end",
            {"seq": 7, "state": "forked"},
        ),
        (
            after("forked", seq=3, head_a=lambda one: one.head(key=OTHER_LOG), head_b="x"),
            "fork_unsigned",
            {"index": 8, "head": "head_a"},
        ),
        (
            after("forked", seq=3, head_a=lambda one: one.head(3), head_b=lambda one: one.head(3)),
            "fork_none",
            {"index": 8},
        ),
        (after("closed", seq=9), "closed_elsewhere", {"index": 8, "last": 6}),
        (no_receipt, "uncovered", {"index": 1, "seq": 1, "last": 6}),
        (no_enrolment, "not_enrolled", {"index": 0, "seq": 1}),
        (wrong_genesis, "genesis", {"index": 1, "seq": 1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_journal_that_does_not_hold_is_named_with_its_place(
    change: Callable[[Log, object], None], code: str, where: dict, tmp_path: Path
) -> None:
    found = place_of(audit(write(journal(change), tmp_path)), code)
    assert where.items() <= found.items()


def test_a_line_dropped_at_the_end_cannot_be_seen_and_the_report_says_so(tmp_path: Path) -> None:
    log, one = next(one_kiosk())
    log.receive(one, END)
    one.write(*vote(), END)  # accepted on the wire, dropped by the server
    report = audit(write(log, tmp_path))
    assert report.verdict == "proved"
    assert "end_of_journals" in cannot(report)


def test_lines_at_the_very_end_without_a_receipt_are_left_unchecked(tmp_path: Path) -> None:
    log, one = next(one_kiosk())
    log.entries += one.lines
    report = audit(write(log, tmp_path))
    assert (report.verdict, report.unchecked[0].code) == ("unchecked", "unsigned_end")


# --- lists ----------------------------------------------------------------------------------------


def test_late_votes_refused_clocks_silent_days_and_deeds_are_listed(tmp_path: Path) -> None:
    log, one = next(one_kiosk())
    one.clock(T0 + 7000)
    log.receive(one, T0 + 96 * HOUR)
    one.write("clock", {"server_ms": 5, "rtt_ms": 0, "wall_ms": 0, "mono_ms": 0}, T0 + 97 * HOUR)
    log.receive(one, T0 + 98 * HOUR)
    log.deed("excluded", END, by="x", why="y", journal=one.journal, seq=2)
    log.deed("restored", END, made_ms=1)
    report = audit(write(log, tmp_path))
    assert report.verdict == "proved"
    assert report.lists["late"][0].values["votes"] == 6
    assert report.lists["clocks"][0].values["seq"] == 8
    assert report.lists["silent"][0].values["days"] == 3
    assert report.lists["exclusions"][0].values["index"] == 11
    assert report.lists["restored"]


def test_a_reason_that_names_others_neither_hides_nor_forges_who_ruled(tmp_path: Path) -> None:
    log, _ = next(one_kiosk())
    why = 'Sai ca", by b, confirmed_by c, ' + "x" * 500
    log.deed("ruling", END, unit="99001", number=1, why=why, by="forger", confirmed_by=None)
    (finding,) = audit(write(log, tmp_path)).lists["exclusions"]
    told = str(finding.values["what"])
    who = "unit 99001, number 1, by forger, confirmed_by –, why "
    assert told.startswith(who + '"Sai ca\\", by b, ') and told.endswith('x…"')


def test_a_thousand_shifts_do_not_push_a_choice_of_rules_off_the_page(tmp_path: Path) -> None:
    log, _ = next(one_kiosk())
    for number in range(1_000):
        log.deed("shift", END + number, unit="99001", official=f"CB-{number}", planned=True, by="x")
    log.deed("unit.rules", END + 1_000, unit="99001", shifts_count=True, by="admin")
    report = audit(write(log, tmp_path))
    assert "unit.rules: unit 99001, shifts_count True, by admin" in tell(report, "en")
    assert len(report.lists["shifts"]) == 1_000


def test_a_deed_is_told_in_local_time_and_a_long_reason_hides_nobody(tmp_path: Path) -> None:
    log, _ = next(one_kiosk())
    of = {"unit": "99001", "number": 1, "counter": "99001-1", "from_ms": T0, "by": "chief"}
    ruled = {"to_ms": T0 + HOUR, "official": None, "lifts": None, "why": "y" * 500}
    log.deed("ruling", END, **of, **ruled, confirmed_by="second")
    log.deed("posted", END, **of, official="CB-0101", basis="board")
    for hour in range(30):
        log.deed("shift", END + hour, unit="99001", counter="99001-1", official="CB-0101",
                 from_ms=END + hour, to_ms=END + hour + 1, planned=True, by="chief")  # fmt: skip
    log.deed("import.undone", END + HOUR, number=7, by="chief")
    report = audit(write(log, tmp_path))
    began = datetime.fromtimestamp(T0 / 1000, ZoneInfo(report.timezone))
    (ruling,), (posted,) = report.lists["exclusions"], report.lists["duties"]
    assert f"from {began:%Y-%m-%d %H:%M:%S}" in str(ruling.values["what"])
    assert "official –" in str(ruling.values["what"])
    assert "confirmed_by second, why " in str(ruling.values["what"])
    assert "official CB-0101, basis board" in str(posted.values["what"])
    assert "import.undone: number 7, by chief" in tell(report, "en"), "crowded out by shifts"


# --- garbage --------------------------------------------------------------------------------------


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    log, kiosks = Log(), [kiosk(1), kiosk(2)]
    for one in kiosks:
        log.enrol(one)
    for at in range(140):
        for one in kiosks:
            one.write(*vote(1 + at % 5), T0 + at * 1000)
        if at % 20 == 19:
            for one in kiosks:
                log.receive(one, T0 + HOUR)
    log.rotations = [sign_rotation(ORIGIN, old=LOG, new=OTHER_LOG)]
    log.cosigned = log.checkpoint(200)
    log.write(folder / "log")
    return folder / "log"


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_flipped_byte_of_any_file_is_found_or_is_immaterial(
    honest: Path, data: st.DataObject
) -> None:
    """Immaterial: the bytes of rotation notes, which take the given key nowhere else, and a key's
    name on signature lines that nobody asked for. Everything else is never `proved`."""
    path = data.draw(st.sampled_from(files(honest)))
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    flipped = data.draw(st.integers(1, 255))
    path.write_bytes(before[:at] + bytes([before[at] ^ flipped]) + before[at + 1 :])
    try:
        verdict = verify(open_folder(honest), Asked(KEY, jobs=1))[0].verdict
    except ProtocolError:
        verdict = "unchecked"
    finally:
        path.write_bytes(before)
    assert verdict != "proved" or path.name == "rotations"


@pytest.mark.parametrize("cut", [None, 0, 1, 40, 8_000])
def test_any_file_cut_or_gone_is_found(honest: Path, tmp_path: Path, cut: int | None) -> None:
    """But for what the log need not have: rotations and cosigned may be gone, rotations short."""
    for path in files(honest):
        before = path.read_bytes()
        if cut is None:
            path.unlink()
        else:
            path.write_bytes(before[: min(cut, len(before) - 1)])
        try:
            verdict = verify(open_folder(honest), Asked(KEY, jobs=1))[0].verdict
        except ProtocolError:
            verdict = "unchecked"
        finally:
            path.write_bytes(before)
        free = path.name == "rotations" or (path.name == "cosigned" and cut is None)
        assert verdict != "proved" or free, path


def test_a_kiosks_checkpoint_of_another_log_is_listed_and_leaves_nothing_unchecked(
    tmp_path: Path,
) -> None:
    log, one = next(one_kiosk())
    note = sign_checkpoint(Checkpoint("old.example/log", 10, b"\x07" * 32), [OTHER_LOG])
    one.write("checkpoint", {"note": note.decode()}, T0 + 9000)
    log.receive(one, END)
    report = audit(write(log, tmp_path))
    assert report.verdict == "proved"
    assert report.lists["kiosk_pins"][0].values["origin"] == "old.example/log"


def test_two_signed_notes_in_a_kiosks_contradiction_are_proof(tmp_path: Path) -> None:
    log, one = next(one_kiosk())
    log.receive(one, END)
    shown = [sign_checkpoint(Checkpoint(ORIGIN, 5, bytes([at]) * 32), [LOG]) for at in (1, 2)]
    notes = [note.decode() for note in shown]
    one.write("contradiction", {"notes": notes, "proof": []}, END)
    log.receive(one, END)
    report = audit(write(log, tmp_path))
    assert codes(report) == ["pin_inconsistent", "pin_inconsistent"]
    assert report.contradictions[0].values["source"] == f"k-1/journal/{one.journal} 7"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_for_a_checkpoint_is_an_answer_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    (folder / "checkpoint").write_bytes(garbage)
    with contextlib.suppress(CannotCheck):
        assert verify(open_folder(folder), Asked(KEY, jobs=1))[0].verdict != "proved"
    shutil.rmtree(folder)


def test_another_logs_key_checks_nothing(log: Log, tmp_path: Path) -> None:
    other = KEY._replace(origin="other.example/log")
    with pytest.raises(Unable, match=r"give the key of hailong\.example/log"):
        verify(open_folder(write(log, tmp_path)), Asked(other))
    assert read_checkpoint(log.checkpoint()).size == 93
