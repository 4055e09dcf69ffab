"""The installer's choices: shown before they are made, made once, taken back."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.deploy.pi import CMDLINE, ENROL, FSTAB, Pi

EVERY_CHOICE = [
    (*ENROL,),
    (*ENROL, "--wiring", "4-buttons"),
    (*ENROL, "--panel", "keypad"),
    (*ENROL, "--panel", "touch", "--proxy", "http://10.0.0.1:3128"),
    (*ENROL, "--invite"),
    (*ENROL, "--invite", "192.168.1.20:9000"),
    (*ENROL, "--ssh"),
    ("--prepare", "--invite"),
]
NAMES = [" ".join(words).removeprefix(" ".join(ENROL)).strip() or "plain" for words in EVERY_CHOICE]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What stands for an empty partition."""
    path = tmp_path / "partition"
    with path.open("wb") as file:
        file.truncate(32 << 20)
    return path


@pytest.mark.parametrize("words", EVERY_CHOICE, ids=NAMES)
def test_a_dry_run_does_nothing_and_tells_exactly_what_a_run_does(
    pi: Pi, words: tuple[str, ...]
) -> None:
    before = pi.tree()
    told = pi.install(*words, "--dry-run").splitlines()[:-1]
    assert pi.tree() == before
    did = pi.install(*words).splitlines()[:-1]
    assert [line.removeprefix("would ") for line in told] == did
    assert "write /etc/systemd/system/hailong-kiosk.service" in did


@pytest.mark.parametrize("words", EVERY_CHOICE, ids=NAMES)
def test_a_second_run_changes_nothing(pi: Pi, words: tuple[str, ...]) -> None:
    pi.install(*words)
    after = pi.tree()
    assert pi.install(*words) == "Everything is so already.\n"
    assert pi.tree() == after


def test_an_uninstall_leaves_the_card_as_it_was(pi: Pi, data: Path) -> None:
    before = pi.tree()
    pi.install(*ENROL, "--invite", "--read-only", "--data-partition", data)
    assert pi.tree() != before
    pi.install("--uninstall")
    left = pi.tree()
    del left["boot/firmware/hailong.toml"]
    line = "boot/firmware/cmdline.txt"
    assert sorted(left.pop(line).split()) == sorted(before.pop(line).split())
    assert left == before
    assert pi.install("--uninstall") == "Everything is so already.\n"


def test_a_read_only_system_keeps_its_votes_on_the_data_partition(pi: Pi, data: Path) -> None:
    words = (*ENROL, "--read-only", "--data-partition", data)
    pi.install(*words)
    assert "/  ext4  defaults,noatime,ro," in pi.read("etc/fstab")
    assert "tmpfs  /var/log" in pi.read("etc/fstab")
    for folder in ("hailong", "systemd/timesync", "systemd/linger"):  # cannot be made later
        assert (pi.root / "var/lib" / folder).is_dir()
    assert (pi.root / "etc/systemd/system/var-lib-hailong.mount").exists()
    assert pi.install(*words) == "Everything is so already.\n"
    pi.install("--uninstall")
    assert pi.read("etc/fstab") == FSTAB


def test_a_read_only_system_without_a_place_for_votes_is_refused(pi: Pi) -> None:
    assert "--data-partition" in pi.refused(*ENROL, "--read-only")


def test_a_partition_that_holds_something_is_never_formatted(pi: Pi, data: Path) -> None:
    subprocess.run(["mkfs.ext4", "-q", "-L", "family-photos", data], check=True)
    before = data.read_bytes()
    assert "family-photos" in pi.refused(*ENROL, "--data-partition", data)
    assert data.read_bytes() == before


def test_a_disk_with_partitions_is_never_formatted(pi: Pi, data: Path) -> None:
    partition = bytes([0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 16, 0, 0])  # Linux, at sector 2048
    with data.open("r+b") as file:
        file.seek(446)
        file.write(partition + bytes(48) + b"\x55\xaa")
    assert "holds something (dos)" in pi.refused(*ENROL, "--data-partition", data)


def test_votes_on_the_data_partition_outlive_a_second_run(pi: Pi, data: Path) -> None:
    pi.install(*ENROL, "--data-partition", data)
    subprocess.run(["debugfs", "-w", "-R", "mkdir /kiosk", data], check=True, capture_output=True)
    pi.install(*ENROL, "--data-partition", data, "--ssh")
    found = subprocess.run(["debugfs", "-R", "ls /", data], capture_output=True, text=True).stdout
    assert "kiosk" in found
    assert "clock" in found


def test_the_data_partition_is_not_forgotten_with_its_option(pi: Pi, data: Path) -> None:
    pi.install(*ENROL, "--data-partition", data)
    pi.install(*ENROL)
    assert (pi.root / "etc/systemd/system/var-lib-hailong.mount").exists()


def test_a_choice_not_made_again_is_taken_back(pi: Pi) -> None:
    pi.install(*ENROL, "--invite", "--ssh")
    pi.install(*ENROL)
    assert not list((pi.root / "etc/hailong/firewall.d").iterdir())
    assert not (pi.root / "etc/ssh/sshd_config.d/hailong.conf").exists()
    assert (pi.root / "etc/systemd/system/ssh.service").readlink() == Path("/dev/null")


def test_words_that_others_put_on_the_kernels_line_stay(pi: Pi) -> None:
    pi.install(*ENROL)
    pi.write("boot/firmware/cmdline.txt", pi.read("boot/firmware/cmdline.txt").strip() + " usb=1\n")
    pi.install("--uninstall")
    assert sorted(pi.read("boot/firmware/cmdline.txt").split()) == sorted(
        [*CMDLINE.split(), "usb=1"]
    )


def test_the_card_gets_what_was_asked_for(pi: Pi, tmp_path: Path) -> None:
    (tmp_path / "office.crt").write_text("a certificate")
    pi.install(*ENROL, "--ca", tmp_path / "office.crt", "--wiring", "3-buttons", "--panel", "gpio")
    assert tomllib.loads(pi.read("boot/firmware/hailong.toml")) == {
        "server": "https://hailong.example", "code": "ABCD-EFGH-JK", "ca": "hailong-ca.pem",
        "wiring": "3-buttons", "panel": "gpio",
    }  # fmt: skip
    assert pi.read("boot/firmware/hailong-ca.pem") == "a certificate"


def test_a_server_without_a_code_is_refused(pi: Pi) -> None:
    assert "--code" in pi.refused("--server", "https://hailong.example")


def test_no_wish_at_all_is_refused(pi: Pi) -> None:
    assert "--prepare" in pi.refused()


def test_an_image_for_many_takes_no_code(pi: Pi) -> None:
    assert "--prepare" in pi.refused(*ENROL, "--prepare")


def test_an_image_is_never_made_of_a_unit_with_votes(pi: Pi) -> None:
    (pi.root / "var/lib/hailong/kiosk").mkdir(parents=True)
    pi.write("var/lib/hailong/kiosk/journal.sqlite3", "votes")
    assert "journal" in pi.refused("--prepare")


def test_no_two_copies_of_an_image_share_an_identity(pi: Pi) -> None:
    own = ("etc/ssh/ssh_host_ed25519_key", "var/lib/hailong/etc/ssh/ssh_host_ed25519_key",
           "var/lib/dbus/machine-id", "var/lib/systemd/random-seed")  # fmt: skip
    for name in own:
        (pi.root / name).parent.mkdir(parents=True, exist_ok=True)
        (pi.root / name).write_bytes(b"\xffsecret")
    pi.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    pi.install("--prepare")
    assert [name for name in own if (pi.root / name).exists()] == []
    assert pi.read("etc/machine-id") == ""
    assert pi.install("--prepare") == "Everything is so already.\n"


def test_a_link_to_the_machines_number_is_left(pi: Pi) -> None:
    (pi.root / "var/lib/dbus").mkdir()
    (pi.root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    pi.install("--prepare")
    assert (pi.root / "var/lib/dbus/machine-id").is_symlink()


def starts_before_ssh(pi: Pi, name: str) -> list[str]:
    """What a change to ssh.service has done before sshd; the system's own list is emptied."""
    text = pi.read(f"etc/systemd/system/ssh.service.d/{name}").replace("\\\n", "")
    empty, *commands = re.findall(r"^ExecStartPre=(.*)$", text, re.MULTILINE)
    assert empty == ""
    return commands


def test_each_copy_of_an_image_makes_host_keys_before_ssh_asks_for_them(pi: Pi) -> None:
    pi.install("--prepare", "--ssh")
    keys, check = starts_before_ssh(pi, "hailong.conf")
    assert keys == "/usr/bin/ssh-keygen -A"
    assert check == "/usr/sbin/sshd -t"
    assert not (pi.root / "etc/systemd/system/ssh.service.d/read-only.conf").exists()
    assert not (pi.root / "etc/ssh/sshd_config.d/hailong-keys.conf").exists()


def test_a_read_only_system_keeps_its_host_keys_on_the_data_partition(pi: Pi, data: Path) -> None:
    pi.install("--prepare", "--ssh", "--read-only", "--data-partition", data)
    changes = sorted(p.name for p in (pi.root / "etc/systemd/system/ssh.service.d").iterdir())
    assert changes[-1] == "read-only.conf"  # the last one read is the one that counts
    keys, check = starts_before_ssh(pi, "read-only.conf")
    assert "place=/var/lib/hailong;" in keys
    assert "ssh-keygen -A -f $$place" in keys
    assert check == "/usr/sbin/sshd -t"
    named = re.findall(r"^HostKey (.*)/", pi.read("etc/ssh/sshd_config.d/hailong-keys.conf"), re.M)
    assert set(named) == {"/run/hailong-keys"}
    assert "$$place/etc/ssh /run/hailong-keys" in keys


def test_an_uninstall_takes_back_what_was_changed_of_ssh(pi: Pi, data: Path) -> None:
    pi.install(*ENROL, "--ssh", "--read-only", "--data-partition", data)
    pi.install("--uninstall")
    assert not (pi.root / "etc/systemd/system/ssh.service.d").exists()
    assert list((pi.root / "etc/ssh/sshd_config.d").iterdir()) == []


@pytest.mark.parametrize("address", ("hailong", "192.168.1.300:8787", "192.168.1.20:70000"))
def test_a_door_that_cannot_be_is_refused(pi: Pi, address: str) -> None:
    assert "192.168.1.20:8787" in pi.refused("--prepare", "--invite", address)


def test_a_wrong_server_is_refused_before_the_restart(pi: Pi) -> None:
    assert "server" in pi.refused("--server", "hailong", "--code", "ABCD-EFGH-JK")
    assert not (pi.root / "boot/firmware/hailong.toml").exists()
