"""A kiosk that a real server has enrolled and configured: what the window benches run."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.display import SIZE
from bench.process import process
from bench.serving import disk, serving

RUN = ("run", "--panel", "stdin", "--size", f"{SIZE[0]}x{SIZE[1]}")


@contextmanager
def enrolled() -> Iterator[dict[str, str]]:
    """Environment of a kiosk that has its configuration, while its server runs."""
    with tempfile.TemporaryDirectory(prefix="hailong-bench-", dir=disk()) as name:
        folder = Path(name)
        with serving(folder, "--sample") as server:
            env = {**os.environ, "HAILONG_DATA": str(folder / "data")}
            told = _run(env, "server", "kiosk-code", "99001-1")
            kiosk = {"HAILONG_DATA": str(folder / "kiosk"), "SDL_AUDIODRIVER": "dummy"}
            url, code = f"http://127.0.0.1:{server.port}", told.split()[-1]
            _run({**os.environ, **kiosk}, "kiosk", "enrol", "--server", url, "--code", code)
            with (folder / "kiosk" / "kiosk.toml").open("a") as settings:
                settings.write("undo_s = 0\n")  # every press is the next citizen's
            _fetch_configuration(kiosk)
            yield kiosk


def _fetch_configuration(kiosk: dict[str, str]) -> None:
    """The first run without a screen: the next ones find what the server sent."""
    with process("kiosk", "run", "--panel", "stdin", "--headless", env=kiosk):
        for _ in range(300):
            if (Path(kiosk["HAILONG_DATA"]) / "config.json").exists():
                return
            time.sleep(0.1)
    raise SystemExit("the configuration did not come")


def _run(env: dict[str, str], *what: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", *what], env=env, check=True, capture_output=True, text=True
    ).stdout
