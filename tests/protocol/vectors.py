"""The published numbers in tests/protocol/tlog: each file names its source and its licence."""

import base64
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "tlog"


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")
