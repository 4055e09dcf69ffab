"""`hailong-audit journal`: real exports, real lies, and the three exit statuses."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.__main__ import main
from auditor.journal import CannotCheck, Key, audit_journal
from protocol.journal import build_export, build_line, genesis_hash, line_hash, sign_head
from protocol.keys import public_bytes
from protocol.note import vkey

JOURNAL = "0b9e3a7e-1111-4222-8333-444455556666"
BOOT = "c0ffee00-aaaa-4bbb-8ccc-dddddddddddd"
OTHER_BOOT = "c0ffee00-aaaa-4bbb-8ccc-eeeeeeeeeeee"
KIOSK = "k-17"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
KEY = Key(KIOSK, PRIVATE.public_key())
VKEY = vkey(KIOSK, public_bytes(PRIVATE))

Written = tuple[str, Mapping[str, object]]


def vote(rating: int = 4, *, scale: str = "vn5", duty: int | None = None) -> Written:
    return "vote", {
        "rating": rating, "scale": scale, "via": "button", "locale": "vi", "duty": duty,
        "counter": None, "not_official": False, "dossier": None, "invited": False,
    }  # fmt: skip


def write(records: Sequence[Written], *, seconds: Sequence[int] | None = None,
          boots: Sequence[str] | None = None) -> list[bytes]:  # fmt: skip
    prev, lines = genesis_hash(JOURNAL, public_bytes(PRIVATE)), []
    for i, (kind, data) in enumerate(records):
        line = build_line(
            journal=JOURNAL, seq=i + 1, prev=prev, boot=boots[i] if boots else BOOT,
            mono_ms=1000 * (seconds[i] if seconds else i), wall_ms=0, sync=False,
            type=kind, data=data, salt=bytes(16),
        )  # fmt: skip
        lines.append(line)
        prev = line_hash(line)
    return lines


def head(lines: Sequence[bytes], *, upto: int | None = None, **changed: Any) -> bytes:
    seq = len(lines) if upto is None else upto
    digest = line_hash(lines[seq - 1]) if seq else genesis_hash(JOURNAL, public_bytes(PRIVATE))
    values = {"kiosk": KIOSK, "journal": JOURNAL, "seq": seq, "hash": digest, "key": PRIVATE}
    return sign_head(**(values | changed))


LINES = write([("duty.started", {"official": "CB-0101", "by": "pin"}), vote(4, duty=1), vote(1)])
GOOD = build_export(LINES, head(LINES))


def test_a_whole_export_with_its_key_is_proved() -> None:
    report = audit_journal(GOOD, KEY)
    assert report.verdict == "proved"
    assert (report.kiosk, report.journal) == (KIOSK, JOURNAL)
    assert (report.first_seq, report.last_seq, report.head_seq) == (1, 3, 3)
    assert len(report.proved) == 3
    assert report.contents is not None
    assert report.contents.types == {"duty.started": 1, "vote": 2}
    assert report.limits


def test_an_empty_journal_is_proved_by_its_head_of_seq_0() -> None:
    assert audit_journal(build_export([], head([])), KEY).verdict == "proved"
    forged = build_export([], head([], hash=b"\x07" * 32))
    assert audit_journal(forged, KEY).verdict == "contradicted"


def test_without_a_key_nothing_is_proved_but_lies_still_show() -> None:
    report = audit_journal(GOOD, None)
    assert report.verdict == "unchecked"
    assert any("--key" in sentence for sentence in report.unchecked)
    changed = GOOD.replace(b'"rating":4', b'"rating":5')
    assert audit_journal(changed, None).verdict == "contradicted"


def place(export: bytes) -> tuple[int | None, int | None]:
    report = audit_journal(export, KEY)
    assert report.verdict == "contradicted"
    return report.contradictions[0].seq, report.contradictions[0].line


def test_an_altered_vote_is_named_by_the_line_that_no_longer_fits_it() -> None:
    assert place(GOOD.replace(b'"rating":4', b'"rating":5')) == (3, 3)


def test_an_altered_last_line_is_named() -> None:
    assert place(GOOD.replace(b'"rating":1', b'"rating":5')) == (3, 3)


def test_a_removed_line_is_named() -> None:
    assert place(build_export([LINES[0], LINES[2]], head(LINES))) == (3, 2)


def test_lines_cut_off_at_the_end_are_named() -> None:
    assert place(build_export(LINES[:2], head(LINES))) == (3, None)
    assert place(build_export([], head(LINES))) == (1, None)


def test_lines_after_the_signed_head_are_named() -> None:
    assert place(build_export(LINES, head(LINES, upto=1))) == (2, 2)


def test_a_journal_that_grew_from_elsewhere_is_named() -> None:
    other = genesis_hash(JOURNAL, public_bytes(STRANGER))
    lines = write([vote()])
    grafted = lines[0].replace(
        genesis_hash(JOURNAL, public_bytes(PRIVATE)).hex().encode(), other.hex().encode()
    )
    assert place(build_export([grafted], head([grafted]))) == (1, 1)


def test_a_head_signed_by_a_stranger_is_a_contradiction() -> None:
    assert place(build_export(LINES, head(LINES, key=STRANGER))) == (3, None)


def test_a_line_of_another_journal_is_named() -> None:
    other = JOURNAL.replace("0b9e", "ffff")
    assert place(build_export(LINES, head(LINES, journal=other)))[1] == 1


def test_a_file_that_begins_later_cannot_be_checked_to_the_start() -> None:
    report = audit_journal(build_export(LINES[1:], head(LINES)), KEY)
    assert report.verdict == "unchecked"
    assert report.contradictions == ()
    assert report.unchecked[0].startswith("The file begins at line 2. A kiosk prunes lines 400")
    assert report.contents is not None
    assert report.contents.votes.duty_unknown == 0  # its duty may stand in what is missing


def test_another_kiosks_key_checks_nothing() -> None:
    with pytest.raises(CannotCheck, match="give k-17's key"):
        audit_journal(GOOD, Key("k-18", PRIVATE.public_key()))


@pytest.mark.parametrize("export", [b"", b"\n", b"hello", GOOD.partition(b"\n\n")[0], GOOD[:-30]])
def test_what_is_no_export_cannot_be_checked(export: bytes) -> None:
    with pytest.raises(CannotCheck, match="no export"):
        audit_journal(export, KEY)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_export_with_one_byte_changed_is_ever_proved(at: int, difference: int) -> None:
    changed = GOOD[:at] + bytes([GOOD[at] ^ difference]) + GOOD[at + 1 :]
    with contextlib.suppress(CannotCheck):
        assert audit_journal(changed, KEY).verdict != "proved"


def read(records: Sequence[Written], **how: Any) -> Any:
    lines = write(records, **how)
    return audit_journal(build_export(lines, head(lines)), KEY).contents


def test_votes_are_counted_as_pressed_and_after_revision() -> None:
    found = read([vote(4), ("vote.revised", {"vote": 1, "rating": 2}), vote(5),
                  ("vote.revised", {"vote": 1, "rating": 3})])  # fmt: skip
    assert found.votes.count == 2
    assert found.votes.pressed == {1: 0, 2: 0, 3: 0, 4: 1, 5: 1}
    assert found.votes.final == {1: 0, 2: 0, 3: 1, 4: 0, 5: 1}  # the highest seq wins
    assert found.votes.revised == 1


def test_a_revision_counts_within_60_seconds_of_the_same_boot_only() -> None:
    records = [vote(4), ("vote.revised", {"vote": 1, "rating": 2})]
    assert read(records, seconds=[0, 60]).votes.final[2] == 1
    assert read(records, seconds=[0, 61]).votes.revised_too_late == 1
    assert read(records, boots=[BOOT, OTHER_BOOT]).votes.final[4] == 1


@pytest.mark.parametrize(
    "record",
    [
        ("vote.revised", {"vote": 1, "rating": 2}),  # names a duty
        ("vote.revised", {"vote": 3, "rating": 2}),  # names itself
        ("vote.revised", {"vote": 9, "rating": 2}),
        ("vote.revised", {"vote": 2, "rating": 1}),  # vn3 offers no 1
        ("vote.reasons", {"vote": 1, "reasons": [], "outcome": "skipped"}),
        ("vote.comment", {"vote": 1, "commitment": "0f" * 32}),
        ("duty.ended", {"duty": 2, "by": "official"}),
        ("test", {"rating": 9}),
        ("later", {}),
    ],
)
def test_a_record_that_names_the_wrong_thing_is_listed_not_refused(record: Written) -> None:
    found = read([("duty.started", {"official": "A", "by": "pin"}), vote(4, scale="vn3"), record])
    assert [(one.seq, one.type) for one in found.not_understood] == [(3, record[0])]
    assert found.votes.final[4] == 1


def test_a_vote_that_names_an_ended_duty_stands_without_it() -> None:
    start = ("duty.started", {"official": "A", "by": "pin"})
    end = ("duty.ended", {"duty": 1, "by": "idle"})
    assert read([start, vote(duty=1), end]).votes.duty_unknown == 0
    assert read([start, end, vote(duty=1)]).votes.duty_unknown == 1
    assert read([start, start, vote(duty=1)]).votes.duty_unknown == 1
    assert read([vote(duty=7)]).votes.count == 1


# --- the command itself -----------------------------------------------------------------------


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "auditor", *args], capture_output=True, text=True, check=False
    )


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "k-17.export"
    path.write_bytes(GOOD)
    return path


def test_proved_is_exit_0_with_a_bounded_statement(export: Path) -> None:
    done = run("journal", str(export), "--key", VKEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PROVED: kiosk k-17")
    assert "only the server's receipts tell" in done.stdout


def test_contradicted_is_exit_1_with_the_place(export: Path) -> None:
    export.write_bytes(GOOD.replace(b'"rating":4', b'"rating":5'))
    done = run("journal", str(export), "--key", VKEY)
    assert done.returncode == 1
    assert "line 3 of the file" in done.stdout
    assert "seq 3" in done.stdout


@pytest.mark.parametrize(
    "args",
    [
        ["journal", "no-such-file"],
        ["journal", "."],
        ["journal"],
        [],
        ["guess"],
        ["journal", "@", "--key", "nonsense"],
        ["journal", "@", "--key", vkey("k-18", public_bytes(PRIVATE))],
    ],
    ids=repr,
)
def test_what_cannot_be_checked_is_exit_2_and_no_traceback(args: list[str], export: Path) -> None:
    done = run(*[str(export) if arg == "@" else arg for arg in args])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_without_a_key_the_exit_is_2_and_the_statement_says_why(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["journal", str(export)]) == 2
    assert "give the kiosk's verifier key with --key" in capsys.readouterr().out


def test_json_holds_the_whole_report(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", str(export), "--key", VKEY, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "proved"
    assert report["contents"]["votes"]["final"] == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 0}
    assert set(report) >= {"proved", "contradictions", "unchecked", "limits", "head_seq"}


def test_help_names_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "0 proved, 1 contradicted, 2 could not check" in capsys.readouterr().out
