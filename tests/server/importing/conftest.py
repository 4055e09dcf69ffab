"""A unit with two counters and two officials, and a hand that imports."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.server.importing.files import csv_file

NOW = 1_764_000_000_000


@pytest.fixture
def hall() -> Any:
    """Unit 99001 with counters 1 and 2 and CB-1 and CB-2; unit 99002 with a counter."""
    from server.organisation.services import make_counter, make_official, make_unit

    first = make_unit(code="99001", name="Xã Mẫu Một")
    other = make_unit(code="99002", name="Xã Mẫu Hai")
    for number in (1, 2):
        make_counter(unit=first, number=number)
        make_official(unit=first, code=f"CB-{number}", name=f"Cán bộ mẫu {number}")
    make_counter(unit=other, number=1)
    return first


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Any]:
    """bring("units", rows): import a CSV file of these rows; dry_run, may as for import_file."""

    def importing(kind: str, rows: Iterable[Sequence[object]], **how: Any) -> Any:
        from server.importing.services import Source, import_file

        path = csv_file(tmp_path / "file.csv", rows)
        how = {"dry_run": False, "by": "admin", "now_ms": NOW, **how}
        return import_file(kind=kind, source=Source(path, "file.csv"), **how)

    return importing


@pytest.fixture
def everything() -> Callable[[], Any]:
    """All rows of all tables that an import may write, as values that can be compared."""

    def read() -> Any:
        from django.apps import apps

        apart = {"importing.import", "importing.importedrow"}
        rooms = ("organisation", "dossiers", "complaints", "importing", "fleet")
        return {
            model._meta.label_lower: sorted(map(repr, model._default_manager.values_list()))
            for model in apps.get_models()
            if model._meta.app_label in rooms and model._meta.label_lower not in apart
        }

    return read
