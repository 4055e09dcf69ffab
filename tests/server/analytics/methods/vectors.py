"""Published numbers, kept in data/ with where they come from."""

import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"


def vectors(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text("utf-8"))


def by_id(cases: list[dict[str, Any]]) -> Any:
    """One test for each case, called by its id."""
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])
