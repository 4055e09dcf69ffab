"""The unit files: well formed, and what they promise about doors, disks and hangs."""

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.notify import STARTS_ANEW_US
from tests.deploy.pi import ENROL, ROOT, Pi

SYSTEM = Path("/usr/lib/systemd/system")
FILES = ROOT / "deploy" / "pi" / "files"
UNITS = sorted(
    path.name
    for path in FILES.rglob("*")
    if path.suffix in (".service", ".timer", ".mount") and path.is_file()
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Pi:
    """A card with everything chosen, and the programs that its units start."""
    pi = Pi(tmp_path_factory.mktemp("units") / "card")
    for path in SYSTEM.iterdir():  # what units refer to
        if path.is_file():
            shutil.copy(path, pi.root / "usr/lib/systemd/system")
    data = pi.root.parent / "partition"
    with data.open("wb") as file:
        file.truncate(32 << 20)
    pi.install(*ENROL, "--invite", "--ssh", "--read-only", "--data-partition", data)
    for command in commands(pi):
        path = pi.root / command.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        path.chmod(0o755)
    return pi


def commands(pi: Pi) -> set[str]:
    """Every program that a unit of ours starts."""
    found: set[str] = set()
    for path in (pi.root / "etc/systemd/system").rglob("*"):
        if path.is_file() and not path.is_symlink():
            found |= set(re.findall(r"^Exec\w+=[-+!:@]*(/\S+)", path.read_text(), re.MULTILINE))
    return found


def verify(pi: Pi, unit: str) -> str:
    """What systemd has to say against a unit."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={pi.root}", unit],
        capture_output=True, text=True,
    )  # fmt: skip
    return "\n".join(line for line in done.stderr.splitlines() if "hailong" in line)


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_against_the_unit(installed: Pi, unit: str) -> None:
    assert verify(installed, unit) == ""


@pytest.fixture
def spoiled(installed: Pi) -> Iterator[Pi]:
    """The same card, for what a test breaks on it and we mend."""
    service = installed.root / "etc/systemd/system/hailong-kiosk.service"
    program = installed.root / "opt/hailong/current/bin/hailong-kiosk"
    before = service.read_text()
    yield installed
    service.write_text(before)
    program.touch(0o755)


def test_systemd_would_say_what_it_does_not_understand(spoiled: Pi) -> None:
    path = spoiled.root / "etc/systemd/system/hailong-kiosk.service"
    path.write_text(path.read_text().replace("WatchdogSec", "WachdogSec"))
    assert "WachdogSec" in verify(spoiled, "hailong-kiosk.service")


def test_systemd_would_say_that_a_program_is_missing(spoiled: Pi) -> None:
    (spoiled.root / "opt/hailong/current/bin/hailong-kiosk").unlink()
    assert "hailong-kiosk" in verify(spoiled, "hailong-kiosk.service")


def test_no_unit_that_listens_stays_switched_on(pi: Pi) -> None:
    pi.install(*ENROL)
    for unit in ("ssh.service", "ssh.socket", "avahi-daemon.socket", "avahi-daemon.service",
                 "bluetooth.service", "rpcbind.socket"):  # fmt: skip
        assert (pi.root / "etc/systemd/system" / unit).readlink() == Path("/dev/null")
    assert not list((FILES / "always").rglob("*.socket"))


def test_nothing_comes_in_unless_it_was_asked_for(pi: Pi) -> None:
    pi.install(*ENROL)
    rules = pi.read("etc/hailong/firewall.nft")
    assert "hook input priority filter; policy drop;" in rules
    assert "tcp dport" not in rules
    assert not list((pi.root / "etc/hailong/firewall.d").iterdir())


def test_an_invitation_comes_in_by_its_own_port_from_the_local_network(pi: Pi) -> None:
    pi.install(*ENROL, "--invite", "192.168.1.20:9000")
    (rule,) = (pi.root / "etc/hailong/firewall.d").iterdir()
    assert re.search(r"saddr \{ 10\.0\.0\.0/8, .* \} tcp dport 9000 accept", rule.read_text())


def unit(name: str) -> configparser.ConfigParser:
    (path,) = FILES.glob(f"*/**/{name}")
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def seconds(of: configparser.SectionProxy, *words: str) -> int:
    return sum(int(of[word]) for word in words)


def test_however_slowly_a_kiosk_fails_the_out_of_order_screen_comes() -> None:
    kiosk = unit("hailong-kiosk.service")
    end = seconds(kiosk["Service"], "TimeoutStopSec", "RestartSec")
    unready = seconds(kiosk["Service"], "TimeoutStartSec") + end
    hung = seconds(kiosk["Service"], "TimeoutStartSec", "WatchdogSec") + end
    again = seconds(kiosk["Service"], "TimeoutStartSec") + STARTS_ANEW_US // 10**6 + end
    limit = seconds(kiosk["Unit"], "StartLimitIntervalSec")
    assert seconds(kiosk["Unit"], "StartLimitBurst") * max(unready, hung, again) < limit
    assert kiosk["Unit"]["OnFailure"] == "hailong-out-of-order.service"


def test_after_the_out_of_order_screen_the_kiosk_may_start_however_soon_it_had_failed() -> None:
    screen = unit("hailong-out-of-order.service")
    assert screen["Service"]["ExecStopPost"] == (
        "+/usr/bin/systemctl reset-failed hailong-kiosk.service"  # the limit's count, too
    )
    assert screen["Unit"]["OnSuccess"] == "hailong-kiosk.service"
    assert screen["Unit"]["OnFailure"] == "hailong-plain-text.service"
    assert unit("hailong-plain-text.service")["Unit"]["OnSuccess"] == "hailong-kiosk.service"


def test_systemd_has_nothing_against_what_we_add_to_ssh(installed: Pi) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={installed.root}", "ssh.service"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert "ssh" not in done.stderr, done.stderr


def test_the_boards_watchdog_is_asked_for_less_than_it_can() -> None:
    manager = unit("etc/systemd/system.conf.d/hailong.conf")["Manager"]
    assert 0 < int(manager["RuntimeWatchdogSec"]) < 15


def test_without_the_data_partition_no_kiosk_starts(installed: Pi) -> None:
    added = installed.read("etc/systemd/system/hailong-kiosk.service.d/data-partition.conf")
    assert "ExecStartPre=+/usr/bin/mountpoint --quiet /var/lib/hailong" in added


def test_the_partition_of_votes_waits_for_the_card_at_each_fsync() -> None:
    options = unit("var-lib-hailong.mount")["Mount"]["Options"].split(",")
    assert {"barrier=1", "data=ordered", "errors=remount-ro", "noatime"} <= set(options)
    assert "systemd-fsck@" in unit("var-lib-hailong.mount")["Unit"]["Requires"]
