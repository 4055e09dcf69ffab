"""Inputs that mean harm: an answer in one sentence, soon, and never an exit that says more."""

import json
import os
import time
from pathlib import Path

import pytest

from auditor.__main__ import main
from auditor.errors import Unable
from auditor.pins import read_pins
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.cosignature import MAX_TIME_S, BadPolicy, Witness, cosign, k_of, parse_policy
from protocol.keys import new_key
from protocol.note import add_signatures, sign_note
from protocol.server_record import build_received
from tests.auditor.maker import (
    KEY,
    LOG,
    ORIGIN,
    OTHER_LOG,
    T0,
    Log,
    kiosk,
    rows_of,
    sealed,
    served,
    small_log,
    tallies,
    vote,
)

Capture = pytest.CaptureFixture[str]
FAR_MS = 900_000_000_000_000  # the year 30489


def test_a_cosignature_of_a_time_that_no_calendar_has_is_no_cosignature(
    tmp_path: Path, capsys: Capture
) -> None:
    log, key = small_log()[0], new_key()
    witness = Witness("w.example", key.public_key())
    for at_s, status in ((MAX_TIME_S, 0), (1 << 62, 1)):
        note = log.checkpoint()
        line = cosign(note, name=witness.name, key=key, at_s=at_s)
        log.cosigned = add_signatures(note, [line])
        folder = log.write(tmp_path / str(at_s))
        words = ["verify", str(folder), "--key", KEY.vkey, "--witness", witness.vkey]
        assert main([*words, "--lang", "en"]) == status
        out = capsys.readouterr().out
        assert "253402300799000 ms" in out if status == 0 else "year 9999" in out


def test_times_beyond_the_calendar_are_shown_as_numbers_and_counted_on_its_last_day(
    tmp_path: Path, capsys: Capture
) -> None:
    log, one = Log(), kiosk(1)
    log.enrol(one)
    one.clock(FAR_MS - 1)
    one.write(*vote(), FAR_MS)
    log.entries += one.lines
    log.entries.append(build_received(
        journal=one.journal, first=1, last=2, head=one.head(), ms=FAR_MS + 1
    ))  # fmt: skip
    log.deed("viewed", FAR_MS, official="CB-1", by="x")
    folder = log.write(tmp_path / "log")
    assert main(["verify", str(folder), "--key", KEY.vkey]) == 0
    assert f"{FAR_MS} ms" in capsys.readouterr().out
    assert main(["figures", str(folder)]) == 0
    assert "9999-12-31,0,0,0,1,0,1" in capsys.readouterr().out


def test_what_nobody_thought_of_is_one_sentence_and_never_exit_1(
    tmp_path: Path, capsys: Capture
) -> None:
    words = ["verify", str(tmp_path), "--key", KEY.vkey, "--pin", "a\0b"]
    assert main([*words, "--lang", "en"]) == 2
    assert "nothing is proved (ValueError" in capsys.readouterr().err


def test_the_head_in_a_kiosks_export_is_no_checkpoint_of_a_log(tmp_path: Path) -> None:
    log, kiosks = small_log()
    one, export = kiosks[0], tmp_path / "export.jsonl"
    export.write_bytes(b"\n".join(one.lines) + b"\n\n" + one.head())
    with pytest.raises(Unable):
        read_pins(export)
    one.write("checkpoint", {"note": log.checkpoint(40).decode()}, FAR_MS)
    export.write_bytes(b"\n".join(one.lines) + b"\n\n" + one.head())
    assert [pin.checkpoint.size for pin in read_pins(export)] == [40]
    folder = str(log.write(tmp_path / "log"))
    assert main(["verify", folder, "--key", KEY.vkey, "--pin", str(export)]) == 0


def test_one_key_under_two_names_is_not_two_bodies() -> None:
    key = new_key().public_key()
    one, other = Witness("a.example", key), Witness("b.example", key)
    with pytest.raises(BadPolicy, match=r"b\.example is named twice"):
        k_of([one, other], 2)
    lines = f"witness a {one.vkey}\nwitness b {other.vkey}\ngroup g 2 a b\nquorum g\n"
    with pytest.raises(BadPolicy, match=r"Line 2 .* is named twice"):
        parse_policy(lines)


def test_groups_of_groups_are_counted_once_each() -> None:
    lines = [f"witness w {Witness('a.example', new_key().public_key()).vkey}", "group g0 all w"]
    lines += ["group h0 all w"]
    for at in range(49):
        lines += [f"group {name}{at + 1} all g{at} h{at}" for name in "gh"]
    assert not parse_policy("\n".join([*lines, "quorum g49"])).is_met([])
    with pytest.raises(BadPolicy, match="at most 100 groups"):
        parse_policy("\n".join([*lines, "group more any w", "quorum g49"]))


@pytest.mark.parametrize(
    "text",
    [b"x" * 3_000_000, b"x\n1\n" + b"A" * 43 + b"=\n" + b"x\n" * 1_000_000, b"o\n1\n" * 500_000],
    ids=["one line", "extension lines", "beginnings"],
)  # fmt: skip
def test_a_pin_made_to_be_slow_is_read_soon(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "pin").write_bytes(text)
    began = time.process_time()
    with pytest.raises(Unable):
        read_pins(tmp_path / "pin")
    assert time.process_time() - began < 5


def test_thousands_of_checkpoints_are_compared_in_seconds(tmp_path: Path, capsys: Capture) -> None:
    notes = [sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), [LOG]) for size in range(6_000)]
    notes.append(sign_checkpoint(Checkpoint(ORIGIN, 7, b"\x07" * 32), [LOG]))
    (tmp_path / "pins").write_bytes(b"\n".join(notes))
    began = time.process_time()
    assert main(["compare", str(tmp_path / "pins"), "--key", KEY.vkey, "--json"]) == 1
    assert '"two_roots"' in capsys.readouterr().out
    assert time.process_time() - began < 10


def test_a_pipe_where_a_file_should_be_makes_nobody_wait(tmp_path: Path, capsys: Capture) -> None:
    folder = sealed(small_log()[0], tmp_path / "sealed", ["99001"], tallies([]))
    for name in ("log/checkpoint", "tallies.csv", "log/contradiction-1.notes"):
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)
        assert main(["verify", str(folder), "--key", KEY.vkey, "--json"]) in (1, 2)
        (folder / name).unlink()
        if name == "log/checkpoint":
            (folder / name).write_bytes(small_log()[0].checkpoint())
    assert '"part_missing"' in capsys.readouterr().out


@pytest.mark.parametrize("size", [(1 << 53) - 1, 5_000_000_000, 1 << 30])
def test_a_size_that_somebody_made_up_is_refused_before_anything_is_listed(
    size: int, tmp_path: Path, capsys: Capture
) -> None:
    log = small_log()[0]
    forged = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), [OTHER_LOG])
    whole = log.write(tmp_path / "whole")
    (whole / "checkpoint").write_bytes(forged)
    export = sealed(log, tmp_path / "sealed", ["99001"], tallies([]))
    (export / "log" / "checkpoint").write_bytes(forged)
    for folder in (whole, export):
        assert main(["verify", str(folder), "--key", KEY.vkey, "--json"]) == 1
        out = capsys.readouterr().out
        assert '"tiles_few"' in out
        assert '"checkpoint_unsigned"' in out
        assert main(["figures", str(folder)]) == 1
    with served(whole) as url:
        assert main(["pull", url, str(tmp_path / "copy"), "--token", "secret"]) == 2
    assert not (tmp_path / "copy" / "checkpoint").exists()


def test_names_that_are_formulas_or_steer_a_terminal_are_made_harmless(
    tmp_path: Path, capsys: Capture
) -> None:
    log, one = Log(), kiosk(1, unit="=cmd|' /C calc'!A0")
    log.enrol(one)
    one.clock(T0)
    duty = one.write("duty.started", {"official": "@a\u202e\x9b2J", "by": "pin"}, T0 + 1)
    one.write(*vote(duty=duty), T0 + 2)
    log.receive(one, T0 + 3)
    folder = str(log.write(tmp_path / "log"))
    assert main(["figures", folder]) == 0
    text = capsys.readouterr().out
    (row,) = rows_of(text)
    assert (row["unit"], row["official"]) == ("'=cmd|' /C calc'!A0", "'@a\ufffd\ufffd2J")
    (tmp_path / "mine.csv").write_text(text)
    assert main(["figures", folder, "--against", str(tmp_path / "mine.csv")]) == 0


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_note_that_steers_a_terminal_is_shown_and_does_not(
    how: list[str], tmp_path: Path, capsys: Capture
) -> None:
    notes = []
    for root in (bytes(32), b"\x07" * 32):
        text = Checkpoint(ORIGIN, 7, root).text + "\x9b2J\u202e\n"
        notes.append(sign_note(text, [(ORIGIN, LOG)]))
    (tmp_path / "pins").write_bytes(b"\n".join(notes))
    assert main(["compare", str(tmp_path / "pins"), "--key", KEY.vkey, *how]) == 1
    out = capsys.readouterr().out
    assert not {"\x9b", "\u202e"} & set(out)
    assert not how or json.loads(out)["notes"] == [note.decode() for note in notes]
