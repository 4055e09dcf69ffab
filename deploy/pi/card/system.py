"""The system's own settings from the card: time servers, the proxy and the hour of updates."""

import subprocess
from pathlib import Path

from .durable import replace_file
from .read import Card


def write_system(card: Card, run: Path) -> list[str]:
    """Writes into memory (`run`, normally /run) what the card says; units to start again."""
    changed = []
    for name, text, unit in _files(card):
        path = run / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text.encode(), mode=0o644)
            changed.append(unit)
    return [unit for unit in changed if unit]


def _files(card: Card) -> list[tuple[str, str | None, str]]:
    servers = f"[Time]\nNTP={' '.join(card.ntp)}\n" if card.ntp else None
    hour = f"[Timer]\nOnCalendar=\nOnCalendar=*-*-* {card.updates}\n" if card.updates else None
    proxy = f"http_proxy={card.proxy}\nhttps_proxy={card.proxy}\n" if card.proxy else None
    return [
        ("systemd/timesyncd.conf.d/hailong-card.conf", servers, "systemd-timesyncd.service"),
        ("systemd/system/hailong-updates.timer.d/card.conf", hour, "hailong-updates.timer"),
        ("hailong-card/updates.env", proxy, ""),
    ]


def start_again(units: list[str]) -> None:
    """Lets running units take up what was written; what does not run will read it when it does."""
    for words in (["daemon-reload"], ["--no-block", "try-restart", *units]):
        if units:
            subprocess.run(["systemctl", *words], check=False)  # noqa: S603, S607
