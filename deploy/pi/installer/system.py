"""Packages, the kiosk's user, and which units start."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .machine import Machine, answer, run

SOURCE = Path(__file__).resolve().parents[3]


def system_packages(*purposes: str) -> list[str]:
    """The packages of these sections of deploy/apt.txt."""
    names: list[str] = []
    for line in (SOURCE / "deploy" / "apt.txt").read_text("utf-8").splitlines():
        purpose, _, rest = line.partition("]")
        if purpose.removeprefix("[") in purposes and line.startswith("["):
            names += rest.split()
    return sorted(set(names))


@dataclass(frozen=True, slots=True)
class Packages:
    """System packages that are installed."""

    names: tuple[str, ...]

    def needed(self, machine: Machine) -> str | None:
        missing = self._missing(machine)
        return f"install the packages {' '.join(missing)}" if missing else None

    def take(self, machine: Machine) -> None:
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *self._missing(machine))

    def _missing(self, machine: Machine) -> list[str]:
        there = answer(
            "dpkg-query", f"--admindir={machine.path('/var/lib/dpkg')}", "--show",
            "--showformat=${db:Status-Abbrev} ${binary:Package} ${Provides}\n",
        )  # fmt: skip
        installed: set[str] = set()
        for line in there.splitlines():
            if line.startswith("ii"):  # what it provides counts: libmtdev1t64 is libmtdev1
                installed |= set(re.findall(r"[a-z0-9][a-z0-9+.-]+", line[2:]))
        return [name for name in self.names if name not in installed]


@dataclass(frozen=True, slots=True)
class Account:
    """A system user without a login, in these groups; groups that are missing are made."""

    name: str
    groups: tuple[str, ...]

    def needed(self, machine: Machine) -> str | None:
        lacks = [group for group in self.groups if self.name not in self._members(machine, group)]
        if not self._exists(machine):
            return f"make the user {self.name} in {', '.join(self.groups)}"
        return f"put the user {self.name} into {', '.join(lacks)}" if lacks else None

    def take(self, machine: Machine) -> None:
        prefix = [] if machine.is_this else ["--prefix", str(machine.root)]
        for group in self.groups:
            if f"\n{group}:" not in f"\n{machine.read('/etc/group') or ''}":
                run("groupadd", *prefix, "--system", group)
        if not self._exists(machine):
            run("useradd", *prefix, "--system", "--user-group", "--no-create-home", "--home-dir",
                "/nonexistent", "--shell", "/usr/sbin/nologin", self.name)  # fmt: skip
        run("usermod", *prefix, "--append", "--groups", ",".join(self.groups), self.name)

    def _exists(self, machine: Machine) -> bool:
        return f"\n{self.name}:" in f"\n{machine.read('/etc/passwd') or ''}"

    @staticmethod
    def _members(machine: Machine, group: str) -> list[str]:
        for line in (machine.read("/etc/group") or "").splitlines():
            name, *_, members = line.split(":")
            if name == group:
                return members.split(",")
        return []


@dataclass(frozen=True, slots=True)
class Units:
    """Units that are all `state`: enabled, masked, or unmasked again. They start and end with the
    next start of the machine; none is touched while it runs."""

    state: str
    names: tuple[str, ...]

    def needed(self, machine: Machine) -> str | None:
        names = self._differing(machine)
        verb = {"enabled": "enable", "masked": "mask", "unmasked": "unmask", "disabled": "disable"}
        return f"{verb[self.state]} {' '.join(names)}" if names else None

    def take(self, machine: Machine) -> None:
        names = self._differing(machine)
        commands = {"enabled": ["unmask", "enable"], "masked": ["mask"], "unmasked": ["unmask"],
                    "disabled": ["disable"]}  # fmt: skip
        for command in commands[self.state]:
            run("systemctl", f"--root={machine.root}", command, *names)

    def _differing(self, machine: Machine) -> list[str]:
        return [name for name in self.names if not self._is_so(machine, name)]

    def _is_so(self, machine: Machine, name: str) -> bool:
        link = machine.path(f"/etc/systemd/system/{name}")
        masked = link.is_symlink() and os.readlink(link) == "/dev/null"
        if self.state in ("masked", "unmasked"):
            return masked == (self.state == "masked")
        if self.state == "enabled" and not self._may_be(machine, name):
            return True
        now = answer("systemctl", f"--root={machine.root}", "is-enabled", name)
        return (now == "enabled") == (self.state == "enabled")

    @staticmethod
    def _may_be(machine: Machine, name: str) -> bool:
        """Ours are always there by then; others only where the system brings them."""
        folders = ("/usr/lib/systemd/system", "/lib/systemd/system")
        return name.startswith(("hailong", "var-lib-")) or any(
            machine.path(f"{folder}/{name}").exists() for folder in folders
        )
