"""Inputs that mean harm: an answer in one sentence, soon, and never an exit that says more."""

from pathlib import Path

import pytest

from auditor.__main__ import main
from protocol.cosignature import MAX_TIME_S, Witness, cosign
from protocol.keys import new_key
from protocol.note import add_signatures
from protocol.server_record import build_received
from tests.auditor.maker import KEY, Log, kiosk, small_log, vote

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
