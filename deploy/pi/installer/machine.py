"""The machine to set up: its root folder, its users, its commands."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .errors import InstallError


@dataclass(frozen=True, slots=True)
class Machine:
    """`root` is / on the machine itself, or a folder that holds another machine's files."""

    root: Path = Path("/")

    @property
    def is_this(self) -> bool:
        """Whether its commands can be run."""
        return self.root == Path("/")

    def path(self, name: str) -> Path:
        """Where the machine's absolute path `name` is seen from here."""
        return self.root / name.lstrip("/")

    def read(self, name: str) -> str | None:
        """A file's text; None if there is none."""
        path = self.path(name)
        return path.read_text("utf-8") if path.is_file() else None

    def ids(self, user: str) -> tuple[int, int]:
        """The machine's own numbers for a user and its group."""
        for line in (self.read("/etc/passwd") or "").splitlines():
            name, _, uid, gid, *_ = line.split(":")
            if name == user:
                return int(uid), int(gid)
        raise InstallError(f"There is no user {user}; run deploy/pi/install again.")


class Step(Protocol):
    """One thing that shall be so. Taken twice, it is taken once."""

    def needed(self, machine: Machine) -> str | None:
        """What would be done, in a few words; None if it is so already."""

    def take(self, machine: Machine) -> None:
        """Makes it so. InstallError with the reason if it cannot."""


def run(*words: str | Path, quiet: bool = True) -> str:
    """A command's output. InstallError with its last words if it fails."""
    try:
        done = subprocess.run(  # noqa: S603
            [str(word) for word in words], text=True, errors="replace", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else None, stderr=subprocess.PIPE if quiet else None,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except OSError as error:
        raise InstallError(f"{words[0]} cannot be run ({error.strerror}).") from None
    if done.returncode:
        said = [line for line in (done.stderr or "").splitlines() if line.strip()]
        errors = [line for line in said if line.lower().startswith(("error", "e:"))]
        why = (errors or said or [f"it ended with {done.returncode}"])[-1]
        raise InstallError(f"`{' '.join(map(str, words))}` failed: {why}")
    return done.stdout or ""


def answer(*words: str | Path) -> str:
    """What a command says, whether or not it ends well."""
    done = subprocess.run(  # noqa: S603
        [str(word) for word in words], capture_output=True, text=True, errors="replace",
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.stdout.strip()
