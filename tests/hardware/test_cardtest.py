"""The card test tells a card that keeps its word from one that does not."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware import card_records
from hardware.card_listener import Cut, listen
from hardware.card_records import RECORD_BYTES, Records, database, find_whole, record
from hardware.cardtest import DEFAULT_FILE, NO_CUT, verdict
from hardware.panel import HardwareError

LONG_S = 60
Start = Callable[..., "subprocess.Popen[str]"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "hardware", "cardtest", *map(str, arguments)]


def hear_ctrl_c() -> None:
    """A suite that runs in the background ignores it, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `hailong-hardware cardtest …`; ends what is left."""
    started: list[subprocess.Popen[str]] = []

    def go(*arguments: object) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command(*arguments), stdout=pipe, stderr=pipe, text=True, preexec_fn=hear_ctrl_c
        )
        started.append(process)
        return process

    yield go
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A file on a card, with forty records."""
    path = tmp_path / "cardtest"
    write(path, 40)
    return path


def write(path: Path, count: int) -> None:
    records = Records(path, find_whole(path))
    for _ in range(count):
        records.append()


def check(path: Path, acknowledged: int) -> tuple[int, str]:
    done = subprocess.run(
        command("check", "--file", path, "--acknowledged", acknowledged),
        capture_output=True, text=True, timeout=LONG_S,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_records_that_are_all_there_are_found(card: Path) -> None:
    code, said = check(card, 40)
    assert code == 0
    assert "ĐỦ cả 40 bản ghi" in said
    assert "FOUND all 40 acknowledged records" in said


def test_a_file_cut_short_is_lost(card: Path) -> None:
    with card.open("r+b") as file:
        file.truncate(30 * RECORD_BYTES)
    code, said = check(card, 40)
    assert code == 1
    assert "MẤT 10 trong 40" in said
    assert "LOST 10 of 40" in said


def test_a_torn_record_is_lost_with_all_after_it(card: Path) -> None:
    with card.open("r+b") as file:
        file.seek(20 * RECORD_BYTES + 5)
        file.write(b"\0" * 8)
    assert find_whole(card) == 20
    assert check(card, 21)[0] == 1
    assert check(card, 20)[0] == 0


def test_a_record_half_written_that_nobody_was_told_of_is_no_loss(card: Path) -> None:
    with card.open("ab") as file:
        file.write(b"00000000000000000041 half")
    assert check(card, 40)[0] == 0
    write(card, 2)
    assert find_whole(card) == 42


def test_records_missing_in_the_database_are_lost(card: Path) -> None:
    with sqlite3.connect(database(card)) as con:
        con.execute("delete from record where number = 33")
    con.close()
    assert find_whole(card) == 32


def test_a_database_that_is_no_database_any_more_is_lost(card: Path) -> None:
    for part in card.parent.glob(f"{database(card).name}*"):
        part.write_bytes(b"\0" * 8192)
    assert check(card, 40)[0] == 1


def test_a_card_on_which_nothing_is_left_lost_everything(tmp_path: Path) -> None:
    code, said = check(tmp_path / "cardtest", 7)
    assert (code, "LOST 7 of 7" in said) == (1, True)


def test_killed_at_any_instant_no_number_on_the_terminal_is_lost(
    tmp_path: Path, start: Start
) -> None:
    card, last = tmp_path / "cardtest", 0
    for _ in range(3):
        unit = start("write", "--file", card, "--to", "-")
        assert unit.stdout
        for _ in range(25):
            last = int(unit.stdout.readline())
        unit.send_signal(signal.SIGKILL)
        last = int((unit.communicate()[0].split() or [last])[-1])
        assert check(card, last)[0] == 0
    assert last >= 75


def test_the_listener_judges_each_cut(tmp_path: Path, start: Start) -> None:
    laptop = start("listen", "--port", 0, "--cuts", 2)
    assert laptop.stdout
    port = re.findall(r"port (\d+)", laptop.stdout.readline())[0]
    laptop.stdout.readline()
    card, to = tmp_path / "cardtest", f"127.0.0.1:{port}"
    cut_after(start("write", "--file", card, "--to", to), card, 30)
    cut_after(start("write", "--file", card, "--to", to), card, 60)
    with card.open("r+b") as file:
        file.truncate(50 * RECORD_BYTES)
    again = subprocess.run(
        command("check", "--file", card, "--to", to), capture_output=True, text=True, timeout=LONG_S
    )
    said, _ = laptop.communicate(timeout=LONG_S)
    first, second = (row.split() for row in said.splitlines()[:2])
    assert (first[0], first[-1]) == ("1", "0")
    assert (second[0], second[2]) == ("2", "50")
    assert int(second[-1]) == int(second[1]) - 50 > 0
    assert laptop.returncode == again.returncode == 1
    assert "LOST" in said.splitlines()[2]
    assert "LOST" in again.stdout


def test_what_a_unit_said_last_is_heard_by_a_laptop_that_was_busy(
    tmp_path: Path, start: Start
) -> None:
    laptop = start("listen", "--port", 0, "--cuts", 1)
    assert laptop.stdout
    port = re.findall(r"port (\d+)", laptop.stdout.readline())[0]
    laptop.stdout.readline()
    card, to = tmp_path / "cardtest", f"127.0.0.1:{port}"
    unit = start("write", "--file", card, "--to", to)
    while not card.exists():  # greeted by now: the first record is written after it
        assert unit.poll() is None, unit.communicate()
    laptop.send_signal(signal.SIGSTOP)
    cut_after(unit, card, card.stat().st_size // RECORD_BYTES + 20)
    laptop.send_signal(signal.SIGCONT)
    whole = find_whole(card)
    found = subprocess.run(command("check", "--file", card, "--to", to), timeout=LONG_S)
    said, _ = laptop.communicate(timeout=LONG_S)
    told = int(said.splitlines()[0].split()[1])
    assert (found.returncode, whole - told <= 1) == (0, True), said


def write_refused(path: Path) -> str:
    """What a `write` says that must not begin."""
    words = command("write", "--file", path, "--to", "-")
    done = subprocess.run(words, capture_output=True, text=True, timeout=LONG_S)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done
    return done.stderr


@pytest.mark.parametrize("content", [b"a" * 500, b"x", bytes(4096)])
def test_somebody_elses_file_that_is_named_by_mistake_is_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    foreign = tmp_path / "the report"
    foreign.write_bytes(content)
    said = write_refused(foreign)
    assert "--file" in said and "rm " not in said
    assert foreign.read_bytes() == content


def test_somebody_elses_database_beside_the_named_file_is_left_as_it_is(tmp_path: Path) -> None:
    journal = tmp_path / "journal.sqlite3"
    with sqlite3.connect(journal) as con:
        con.execute("create table line (seq integer)")
    con.close()
    before = journal.read_bytes()
    said = write_refused(tmp_path / "journal")
    assert str(journal) in said and "--file" in said
    assert check(tmp_path / "journal", 7)[0] == 2
    assert journal.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite3"]


def test_a_file_cut_within_its_first_record_is_ours_and_goes_on(tmp_path: Path) -> None:
    card = tmp_path / "cardtest"
    card.write_bytes(record(1)[:20])
    write(card, 3)
    assert find_whole(card) == 3


def test_a_card_is_not_filled_to_its_end(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_records, "MOST_RECORDS", 42)
    with pytest.raises(HardwareError, match=f"42 records.*rm -f {card}"):
        write(card, 3)
    assert find_whole(card) == 42
    with pytest.raises(HardwareError, match="42 records"):
        write(card, 1)


def test_the_records_that_a_card_may_carry_are_about_64_megabytes(card: Path) -> None:
    write(card, 960)
    size = sum(part.stat().st_size for part in (card, database(card))) / 1000
    assert 0.9 * 64e6 < size * card_records.MOST_RECORDS < 1.1 * 64e6


def test_found_files_can_be_removed_as_it_is_said_and_lost_ones_are_kept(card: Path) -> None:
    _, said = check(card, 40)
    database(card).with_name(f"{database(card).name}-wal").touch()  # as a power cut leaves it
    subprocess.run(said.splitlines()[-1].partition(": ")[2], shell=True, check=True)  # noqa: S602
    assert list(card.parent.iterdir()) == []
    assert "rm " not in check(card, 40)[1]


def test_without_a_file_it_is_the_folder_that_the_kiosks_own_user_may_write_to() -> None:
    unit = Path(__file__).parents[2] / "deploy/pi/files/always/etc/systemd/system"
    service = unit.joinpath("hailong-kiosk.service").read_text("utf-8")
    assert f"HAILONG_DATA={DEFAULT_FILE.parent}\n" in service


def test_a_listener_that_is_stopped_says_what_it_saw(start: Start) -> None:
    laptop = start("listen", "--port", 0)
    assert laptop.stdout
    port = int(re.findall(r"port (\d+)", laptop.stdout.readline())[0])
    laptop.stdout.readline()
    with socket.create_connection(("127.0.0.1", port)) as unit:
        unit.sendall(b"found 0\n")
        assert told(unit) == 0  # so it listens
    laptop.send_signal(signal.SIGINT)
    said, errors = laptop.communicate(timeout=LONG_S)
    assert (said.strip(), errors, laptop.returncode) == (NO_CUT, "", 0)


def cut_after(unit: "subprocess.Popen[str]", card: Path, records: int) -> None:
    """Ends the unit once it has written so many, and told them but perhaps the last."""
    while not card.exists() or card.stat().st_size < records * RECORD_BYTES:
        assert unit.poll() is None, unit.communicate()
    unit.send_signal(signal.SIGKILL)
    unit.wait()


def test_strangers_and_units_that_never_said_goodbye_do_not_disturb_the_listener() -> None:
    cuts: list[Cut] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        done = threading.Thread(
            target=lambda: cuts.extend(listen(server, cuts=2, on_cut=lambda *_: None))
        )
        done.start()
        units = [socket.create_connection(address) for _ in range(4)]
        units[0].sendall(b"found 0\n1\n2\n3\n")
        assert told(units[0]) == 0
        units[1].sendall(b"GET / HTTP/1.1\r\n\r\n99\n")
        units[2].sendall(b"found 3\n")
        assert told(units[2]) == 3
        units[0].sendall(b"77\n")  # late words of the unit before
        units[2].sendall(b"4\n5\n")
        units[3].sendall(b"found 1\n")
        done.join(LONG_S)
        assert cuts == [Cut(3, 3), Cut(5, 1)]
        for unit in units:
            unit.close()


def told(unit: socket.socket) -> int:
    return int(unit.recv(100).removeprefix(b"told "))


def test_records_that_may_not_be_looked_at_are_not_called_lost(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may look at everything
    with pytest.raises(HardwareError, match="sudo"):
        find_whole(card)


def test_nobody_listening_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    done = subprocess.run(
        command("write", "--file", tmp_path / "cardtest", "--to", f"127.0.0.1:{free}"),
        capture_output=True, text=True, timeout=LONG_S,
    )  # fmt: skip
    assert done.returncode == 2
    assert "cardtest listen" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_card_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    assert "--file" in write_refused(tmp_path / "absent" / "cardtest")


def test_the_verdict_is_one_sentence_for_both_readers() -> None:
    assert verdict(Cut(9, 9)).startswith("ĐỦ cả 9") and "FOUND all 9" in verdict(Cut(9, 9))
    assert verdict(Cut(9, 7)).startswith("MẤT 2 trong 9") and "LOST 2 of 9" in verdict(Cut(9, 7))
