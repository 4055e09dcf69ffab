"""What happens at power-on with a card, whatever was cut off before."""

import itertools
import os
import socket
from pathlib import Path

import pytest

from deploy.pi.card.enrolling import FIRST_WAIT_S, LONGEST_WAIT_S, enrol_for_ever
from tests.deploy.card import CODE, PLAIN, STARS, Unit

DIES = "kill -9 $PPID"


def test_a_new_card_enrols_once_and_loses_its_code(unit: Unit) -> None:
    assert unit.run()[0] == 0
    assert unit.called() == [f"enrol --server https://hailong.example --code {CODE}"]
    assert unit.card.read_text() == PLAIN.replace(CODE, STARS)
    assert unit.sentence() == "Enrolled at https://hailong.example."
    unit.run()
    assert len(unit.called()) == 1


def test_no_other_byte_of_the_card_changes(unit: Unit) -> None:
    text = f"# Thẻ của Một cửa\r\ncode = '{CODE}'   # một lần\r\nserver = 'https://h.example'\r\n"
    unit.card.write_bytes(text.encode())
    inode = unit.card.stat().st_ino
    unit.run()
    assert unit.card.read_bytes() == text.replace(CODE, STARS).encode()
    assert unit.card.stat().st_ino == inode  # in place: no copy of the code stays elsewhere


def test_power_cut_between_enrolment_and_mark(unit: Unit) -> None:
    unit.enrols(DIES)
    unit.crash()
    assert CODE in unit.card.read_text()
    unit.enrols("exit 0")
    unit.run()
    assert len(unit.called()) == 2  # the exact repeat, which changes nothing
    assert CODE not in unit.card.read_text()


def test_power_cut_between_mark_and_erasing(unit: Unit) -> None:
    unit.run()
    unit.card.write_text(PLAIN)  # the erasing did not reach the card
    unit.run()
    assert len(unit.called()) == 1
    assert CODE not in unit.card.read_text()


@pytest.mark.parametrize("whole", (1, 5, len(CODE) - 1))
@pytest.mark.parametrize("first_sector", [True, False], ids=["first sector", "second sector"])
def test_power_cut_between_two_sectors_of_the_code(
    unit: Unit, first_sector: bool, whole: int
) -> None:
    code = STARS[:whole] + CODE[whole:] if first_sector else CODE[:whole] + STARS[whole:]
    unit.card.write_text(PLAIN.replace(CODE, code))
    unit.run()
    assert unit.card.read_text() == PLAIN.replace(CODE, STARS)
    assert unit.called() == []


def test_a_crash_after_the_enrolment_is_noticed_before_the_kiosk_starts(
    unit: Unit, tmp_path: Path
) -> None:
    (unit.data / "kiosk").mkdir()
    (unit.data / "kiosk" / "journal.sqlite3").touch()
    os.mkfifo(tmp_path / "gate")
    unit.enrols(f"read line < {tmp_path}/gate")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        process = unit.start(tmp_path / "notify")
        with (tmp_path / "gate").open("w") as gate:  # opens when the enrolment reads
            # READY would let the kiosk start, which holds its folder: no enrolment after that.
            with pytest.raises(BlockingIOError):
                ear.recv(100)
            gate.write("on\n")
        process.communicate(timeout=60)
        assert ear.recv(100) == b"READY=1"
    assert len(unit.called()) == 1
    assert CODE not in unit.card.read_text()


def test_the_screen_never_waits_for_the_network(unit: Unit, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never")
    unit.enrols(f"read line < {tmp_path}/never")
    unit.card.write_text(PLAIN + 'wiring = "4-buttons"\npanel = "gpio"\n')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        process = unit.start(tmp_path / "notify")
        assert ear.recv(100) == b"READY=1"
    settings = (unit.data / "kiosk" / "kiosk.toml").read_text()
    assert settings == 'wiring = "4-buttons"\npanel = "gpio"\n'
    assert process.poll() is None
    (tmp_path / "never").write_text("on\n")
    process.communicate(timeout=60)


def test_a_network_that_comes_late_is_waited_for() -> None:
    answers = itertools.chain(["No answer from the server."] * 20, [None])
    said: list[str] = []
    waited: list[float] = []
    enrol_for_ever(lambda: next(answers), said.append, waited.append)
    assert len(waited) == 20
    assert waited[0] < 2 * FIRST_WAIT_S
    assert LONGEST_WAIT_S / 2 < waited[-1] < 2 * LONGEST_WAIT_S  # seldom, so nothing burns


def test_a_refused_code_is_told_in_the_servers_words_and_kept(unit: Unit) -> None:
    unit.enrols("echo 'This code is used up.' >&2; exit 2")
    process = unit.start()
    assert process.stderr
    assert process.stderr.readline() == "This code is used up.\n"
    process.kill()
    process.communicate()
    assert unit.sentence() == "This code is used up."
    assert unit.card.read_text() == PLAIN


def test_a_wrong_card_is_told_once_and_nothing_is_tried(unit: Unit, tmp_path: Path) -> None:
    unit.card.write_text(PLAIN + "colour = 1\n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        process = unit.start(tmp_path / "notify")
        _, log = process.communicate(timeout=60)
        assert ear.recv(100) == b"READY=1"  # the kiosk starts all the same
    assert process.returncode == 2
    assert log.count("\n") == 1
    assert "colour" in unit.sentence()
    assert unit.called() == []


def test_a_unit_without_a_card_just_starts(unit: Unit) -> None:
    unit.card.unlink()
    assert unit.run() == (0, "")


def test_the_network_is_made_anew_at_each_start(unit: Unit) -> None:
    made = unit.memory / "NetworkManager/system-connections/hailong.nmconnection"
    unit.card.write_text(PLAIN + '[network]\nwifi = "Office"\npassword = "12345678"\n')
    unit.run()
    assert "psk=12345678" in made.read_text()
    assert made.stat().st_mode & 0o777 == 0o600
    unit.card.write_text(PLAIN)
    unit.run()
    assert not made.exists()


def test_the_hour_of_updates_and_the_time_servers_come_from_the_card(unit: Unit) -> None:
    unit.card.write_text(PLAIN + 'updates = "12:15"\nntp = ["10.0.0.1"]\n')
    unit.run()
    timer = unit.memory / "systemd/system/hailong-updates.timer.d/card.conf"
    assert timer.read_text() == "[Timer]\nOnCalendar=\nOnCalendar=*-*-* 12:15\n"
    clock = unit.memory / "systemd/timesyncd.conf.d/hailong-card.conf"
    assert clock.read_text() == "[Time]\nNTP=10.0.0.1\n"
