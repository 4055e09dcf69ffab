"""The code becomes an enrolment: tried until the server says yes, then never sent again."""

import contextlib
import hashlib
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .durable import replace_file
from .read import Card

MARK = "enrolled-with"
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 300.0
PATIENCE_S = 300.0
JOURNAL = "journal.sqlite3"


def waits() -> Iterator[float]:
    """Seconds between tries, for ever: soon at first, later so seldom that nothing is burned.
    Not in step with other units, which the same power cut has switched off."""
    wait = FIRST_WAIT_S
    while True:
        yield wait * random.uniform(0.75, 1.25)  # noqa: S311
        wait = min(wait * 2, LONGEST_WAIT_S)


def is_used(code: str, data: Path) -> bool:
    """Whether this code has enrolled this unit already: then it is only to be erased."""
    with contextlib.suppress(OSError):
        return (data / MARK).read_text("ascii").strip() == _mark(code)
    return False


def mark_used(code: str, data: Path) -> None:
    """Remembers the code by its hash, durably; a crash before this makes the exact repeat."""
    replace_file(data / MARK, f"{_mark(code)}\n".encode(), mode=0o600)


def _mark(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def has_journal(data: Path) -> bool:
    """Whether an enrolment was at least begun: by this code, or by another."""
    return (data / "kiosk" / JOURNAL).exists()


def try_enrol(
    card: Card, command: str, data: Path, owner: tuple[int, int], patience_s: float = PATIENCE_S
) -> str | None:
    """Runs `hailong-kiosk enrol` as the kiosk's user; None if done, else its sentence."""
    folder = data / "kiosk"
    words = [command, "enrol", "--server", str(card.server), "--code", str(card.code)]
    environment = {"PATH": os.defpath, "HAILONG_DATA": str(folder), "LANG": "C.UTF-8"}
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        user = {"user": owner[0], "group": owner[1], "extra_groups": []}
    try:
        done = subprocess.run(  # noqa: S603
            words, env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors="replace", timeout=patience_s, **user,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"The kiosk's program did not enrol this unit ({error})."
    if done.returncode == 0:
        return None
    said = [line for line in done.stderr.splitlines() if line.strip()]
    return said[-1] if said else f"The kiosk's program ended with {done.returncode}."


def enrol_for_ever(
    attempt: Callable[[], str | None], say: Callable[[str], None], sleep: Callable[[float], None]
) -> None:
    """Returns when `attempt` has nothing more to say."""
    for wait in waits():
        sentence = attempt()
        if sentence is None:
            return
        say(sentence)
        sleep(wait)
