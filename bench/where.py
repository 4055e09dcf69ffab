"""Where the line door's time goes: py-spy's samples of the serving process, in our own words."""

import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The first that fits a stack, looked for from its innermost frame outwards.
PLACES = (
    ("INSERT of the lines (sqlite3 executemany)", "Cursor.many"),
    ("COMMIT (the disk's flush)", "_GroupWriter._commit_group"),
    ("lines: form, hash, chain", "check_lines"),
    ("signatures, and the hash of the body", "verify_request|open_note"),
    ("reading the body from the HTTP server", "_read_body"),
    ("the journal's row, read and moved", "Cursor.execute"),
    ("the `received` record", "record_received"),
    ("waiting", "_GroupWriter.submit|_GroupWriter._next_group"),
    ("routing, headers, receipt", "answer"),
)
WAITING = "waiting"  # for the writer: that time is the writer's own, counted above


@contextmanager
def profiled(pid: int, folder: Path) -> Iterator[None]:
    """Sample `pid` meanwhile, then print the share of each place."""
    raw = folder / "profile.txt"
    command = [str(Path(sys.executable).with_name("py-spy")), "record", "--format", "raw"]
    command += ["--rate", "250", "--nonblocking", "--output", str(raw), "--pid", str(pid)]
    quiet = subprocess.DEVNULL
    spy = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        spy.send_signal(signal.SIGINT)
        spy.wait()
    samples: Counter[str] = Counter()
    for line in raw.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        samples[_place(stack)] += int(count)
    del samples[WAITING]
    for place, count in samples.most_common():
        print(f"    {count / samples.total():5.0%}  {place}")


def _place(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        for name, functions in PLACES:
            if re.match(rf"({functions}) \(", frame):
                return name
    return WAITING if not stack.strip() else "the HTTP server's own threads, and the rest"
