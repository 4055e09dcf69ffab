"""The facts of the technician's page, from real journals, real files and the real kernel."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import Reading
from kiosk.config import load_key
from kiosk.errors import KioskError
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from kiosk.locale import load_words
from kiosk.technician import Running, disk_is_low, gather_facts, ipv4_address, signed_head
from protocol.journal import open_head
from protocol.records import Test

VI, EN = load_words("vi"), load_words("en")
BOOT, OTHER_BOOT = "00000000-0000-4000-8000-00000000000b", "00000000-0000-4000-8000-00000000000c"
AT = Reading(BOOT, mono_ms=100_000_000, wall_ms=1_790_000_000_000, sync=True)
KNOWN = Running(at=AT, zone=ZoneInfo("Asia/Ho_Chi_Minh"), version="0.1.0")


@pytest.fixture
def journal(enrolled: Path) -> Iterator[Journal]:
    opened = Journal(enrolled)
    yield opened
    opened.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small device's sys/."""
    return write_files(
        tmp_path / "root",
        {
            "sys/class/net/lo/operstate": "unknown\n",
            "sys/class/net/eth7/operstate": "up\n",
            "sys/class/net/wlan7/operstate": "down\n",
            "sys/class/net/wlan7/device/uevent": "",
            "sys/class/net/ifb7/operstate": "down\n",
            "sys/class/rtc/rtc0/since_epoch": "1790000060\n",
            "sys/class/thermal/thermal_zone0/temp": "41234\n",
            "sys/class/thermal/thermal_zone1/temp": "58900\n",
            "sys/class/thermal/thermal_zone2/temp": "n/a\n",
        },
    )


def write_files(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    root.mkdir(exist_ok=True)
    return root


def facts(folder: Path, journal: Journal | None, root: Path, **changes: Any) -> dict[str, str]:
    words = changes.pop("words", EN)
    return dict(gather_facts(folder, journal, replace(KNOWN, **changes), words, root=root))


def append(folder: Path, *moments: Reading) -> None:
    writer = Writer(folder)
    for at in moments:
        writer.append(Test(rating=3), at).result()
    writer.close()


def test_the_facts_name_the_kiosk_its_key_and_what_it_runs(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    found = facts(enrolled, journal, root, server="https://may-chu.thu", config=7, voice="recorded")
    row = journal.row()
    assert found["kiosk"] == "kiosk-1 · Quầy số 1"
    assert re.fullmatch("[0-9a-f]{8}", found["key"])
    assert found["journal"] == f"{row.uuid[:8]} · open"
    assert [found[key] for key in ("version", "server", "config", "voice")] == [
        "0.1.0", "https://may-chu.thu", "7", "recorded",
    ]  # fmt: skip


def test_every_fact_has_a_name_in_both_languages(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    for words in (VI, EN):
        found = facts(enrolled, journal, root, words=words, server="x", voice="x")
        assert len(found) == 15
        assert all(words[f"technician.{key}"] for key in found)


def test_waiting_lines_are_counted_and_the_age_of_the_oldest_is_told(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    journal.mark(acked=journal.head().seq)
    assert facts(enrolled, journal, root)["waiting"] == "no line"
    older = Reading(BOOT, mono_ms=AT.mono_ms - 3 * 3_600_000 + 1, wall_ms=1, sync=False)
    append(enrolled, older, AT)
    assert facts(enrolled, journal, root)["waiting"] == "2, oldest 2 h"
    journal.mark_acked(journal.head().seq - 1)
    assert facts(enrolled, journal, root)["waiting"] == "1, oldest 0 s"


def test_a_line_of_an_earlier_start_is_as_old_as_the_wall_clock_says(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    journal.mark(acked=journal.head().seq)
    append(enrolled, Reading(OTHER_BOOT, 99, AT.wall_ms - 5 * 86_400_000, True))
    assert facts(enrolled, journal, root)["waiting"] == "1, oldest 5 days"


@pytest.mark.parametrize(
    ("contact_ms", "said"),
    [
        (None, "never since switched on"),
        (AT.mono_ms - 119_000, "119 s ago"),
        (AT.mono_ms - 121_000, "2 min ago"),
        (AT.mono_ms - 7_200_000, "2 h ago"),
        (AT.mono_ms + 5, "0 s ago"),
    ],
)
def test_the_last_contact_is_told_as_an_age(
    enrolled: Path, journal: Journal, root: Path, contact_ms: int | None, said: str
) -> None:
    assert facts(enrolled, journal, root, contact_ms=contact_ms)["contact"] == said


def test_times_are_those_of_the_unit(enrolled: Path, journal: Journal, root: Path) -> None:
    found = facts(enrolled, journal, root)
    assert found["clock"] == "21/09/2026 21:13:20, synchronized"
    assert found["rtc"] == "21/09/2026 21:14:20"
    found = facts(enrolled, journal, root, at=replace(AT, sync=False), zone=ZoneInfo("UTC"))
    assert found["clock"] == "21/09/2026 14:13:20, not synchronized"


def test_the_hottest_sensor_counts_and_a_silent_one_does_not(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    assert facts(enrolled, journal, root)["temperature"] == "59 °C"


def test_interfaces_tell_their_link_and_virtual_ones_at_rest_are_left_out(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    network = facts(enrolled, journal, root)["network"]
    assert network == "eth7: connected, no address, wlan7: not connected"


def test_an_interface_has_the_address_that_the_kernel_gave_it() -> None:
    assert ipv4_address("lo") == "127.0.0.1"
    assert ipv4_address("gibtsnicht0") == ""


def test_the_disk_is_the_one_of_the_kiosks_folder(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    free, total, percent = re.findall(r"\d+", facts(enrolled, journal, root)["disk"])
    usage = shutil.disk_usage(enrolled)
    assert int(total) == usage.total // 1_000_000_000
    assert int(percent) == pytest.approx(100 * usage.free / usage.total, abs=1.5)
    assert int(free) > 0


def test_a_full_card_comes_before_all_other_advice(
    enrolled: Path, journal: Journal, root: Path
) -> None:
    journal.mark(state="forked")
    known = replace(KNOWN, reserve_bytes=shutil.disk_usage(enrolled).total)
    found = dict(gather_facts(enrolled, journal, known, EN, root=root))
    assert found["disk"].endswith(", full")
    assert found["advice"] == EN["advice.full"]
    assert "quarantine" in facts(enrolled, journal, root)["advice"]


def test_a_device_without_journal_sensors_network_or_disk_has_facts_all_the_same(
    tmp_path: Path,
) -> None:
    found = facts(tmp_path / "gone", None, write_files(tmp_path / "empty", {}))
    assert found["journal"] == "none yet"
    assert found["disk"] == "unreadable"
    assert found["network"] == "no network"
    assert found["rtc"] == "none"
    assert not found.keys() & {"kiosk", "key", "waiting", "temperature", "voice", "server"}


def test_a_journal_that_cannot_be_read_is_said_to_be_so(enrolled: Path, root: Path) -> None:
    broken = Journal(enrolled)
    broken.close()
    assert facts(enrolled, broken, root)["journal"] == "unreadable"


def test_the_signed_head_is_the_newest_line_and_short_enough_for_a_qr_code(
    enrolled: Path, journal: Journal
) -> None:
    append(enrolled, AT)
    row, key = journal.row(), load_key(enrolled, journal.row())
    note = signed_head(enrolled, journal)
    head = open_head(note, kiosk="kiosk-1", journal=row.uuid, public_key=key.public_key())
    assert (head.seq, head.hash) == (journal.head().seq, journal.head().hash)
    assert len(note) < 300


def test_without_its_key_there_is_no_signed_head(enrolled: Path, journal: Journal) -> None:
    (enrolled / "key").unlink()
    with pytest.raises(KioskError):
        signed_head(enrolled, journal)


def test_the_disk_is_low_when_the_reserve_is_not_free(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert not disk_is_low(tmp_path, free // 2)
    assert disk_is_low(tmp_path, free * 2)
    assert disk_is_low(tmp_path / "gone", 0)
