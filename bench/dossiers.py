"""Dossiers of a whole province through the import: the published figures, time and memory."""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

MEMORY_MB = 300  # of the importing process, for a million rows


def main() -> int:
    """0 if every figure is the published one and the memory held; 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m bench.dossiers", description=__doc__)
    parser.add_argument("--rows", type=int, default=0, help="this many instead of the year's")
    parser.add_argument("--excel", action="store_true", help="from an .xlsx file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HAILONG_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
        _prepare(Path(folder))
        return _measure(Path(folder), args.rows, args.excel)


def _prepare(folder: Path) -> None:
    from server.folder import Folder

    Folder(folder).make(name="bench.hailong.invalid", sample=True)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from server.organisation.services import make_unit
    from tests.server.dossiers.lam_dong import UNITS

    for code in UNITS:
        make_unit(code=code, name=f"Đơn vị mẫu {code}")


def _measure(folder: Path, rows: int, excel: bool) -> int:
    from server.importing.services import Source, import_file
    from tests.server.dossiers import lam_dong

    path = folder / "dossiers.csv"
    received = _more(path, rows) if rows else lam_dong.write(path)[0]
    if excel:
        other = multiprocessing.Process(target=_as_excel, args=(path,))
        other.start()  # what writing it takes is not ours to measure
        other.join()
        path = path.with_suffix(".xlsx")
    begun = time.monotonic()
    done = import_file(
        kind="dossiers", source=Source(path, path.name), by="bench", now_ms=1, dry_run=False
    )
    took = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{done.added:,} dossiers, {path.stat().st_size >> 20} MB: {took:.0f} s, {peak} MB")
    right = done.added == received and peak < MEMORY_MB
    return 0 if (rows or _published()) and right else 1


def _published() -> bool:
    """Whether the year's figures are the published ones, to the last digit."""
    from server.dossiers.selectors import counts
    from tests.server.dossiers import lam_dong as year

    found = counts(units=year.UNITS, first=year.FIRST, last=year.LAST)
    print(found, float(found.on_time_rate or 0))
    return (found.received, found.resolved, found.on_time, found.late, found.pending) == (
        year.RECEIVED, year.RESOLVED, year.ON_TIME, year.LATE, year.PENDING,
    )  # fmt: skip


def _more(path: Path, rows: int) -> int:
    from tests.server.dossiers.lam_dong import HEADING, UNITS

    with path.open("w", encoding="utf-8") as file:
        file.write(HEADING + "\n")
        for i in range(rows):
            unit = UNITS[i % len(UNITS)]
            file.write(
                f"{unit},{unit}-2511{i % 28 + 1:02d}-{i:07d},1.{i % 587:06d},"
                f"CB-{i % 1463:04d},{i % 28 + 1:02d}/11/2025,,\n"
            )
    return rows


def _as_excel(path: Path) -> None:
    import csv

    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    book.save(path.with_suffix(".xlsx"))


if __name__ == "__main__":
    sys.exit(main())
