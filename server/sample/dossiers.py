"""Two months of made-up dossiers and a month of counted transactions, imported as files.

Mostly on time, some late, some pending, each number and procedure marked as sample.
"""

import csv
import random
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from server.importing.models import Import
from server.importing.services import Source, import_file
from server.sample import history
from server.sample.province import ROSTER

DAYS = 61


class Sort(NamedTuple):
    """A procedure: its counter, how many working days it is promised for, how many of ten come."""

    code: str
    name: str
    field: str
    field_name: str
    counter: int
    promised: int
    share: int


SORTS = (
    Sort("9.900001", "Đăng ký khai sinh (mẫu)", "ho-tich", "Hộ tịch (mẫu)", 1, 1, 3),
    Sort("9.900002", "Cấp giấy xác nhận hôn nhân (mẫu)", "ho-tich", "Hộ tịch (mẫu)", 1, 3, 2),
    Sort("9.900003", "Đăng ký biến động đất đai (mẫu)", "dat-dai", "Đất đai (mẫu)", 2, 10, 2),
    Sort("9.900004", "Cấp giấy phép xây dựng (mẫu)", "xay-dung", "Xây dựng (mẫu)", 2, 15, 1),
    Sort("9.900005", "Trợ cấp xã hội hằng tháng (mẫu)", "xa-hoi", "Bảo trợ xã hội (mẫu)", 3, 7, 2),
)
CHANNELS = {"Tại quầy": 6, "Trực tuyến": 3, "Bưu chính": 1}
Rows = Iterable[Sequence[object]]


def make(*, now_ms: int, seed: int = 2026) -> None:
    """Import what this folder's sample does not have yet: once each, also if it was undone."""
    today = datetime.fromtimestamp(now_ms / 1000, history.ZONE).date()
    chance = random.Random(seed)  # noqa: S311 - sample data, no secret
    for kind, heading, rows in (
        ("procedures", ("mã", "tên thủ tục", "mã lĩnh vực", "tên lĩnh vực"), _procedures()),
        ("dossiers", DOSSIER, _dossiers(today, chance)),
        ("transactions", ("mã quầy", "ngày", "số lượt"), _transactions(now_ms, chance)),
    ):
        name = f"{kind}-mau.csv"
        if not Import.objects.filter(kind=kind, file=name, by=history.BY).exists():
            import_rows(kind, name, heading, rows, now_ms)


def import_rows(kind: str, name: str, heading: Sequence[object], rows: Rows, now_ms: int) -> None:
    """Import made-up rows as the file that they would come in."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heading, *rows])
        import_file(
            kind=kind, source=Source(path, name), by=history.BY, now_ms=now_ms, dry_run=False
        )


def _procedures() -> Rows:
    return [(sort.code, sort.name, sort.field, sort.field_name) for sort in SORTS]


DOSSIER = (
    "mã đơn vị", "số hồ sơ", "mã thủ tục", "mã cán bộ", "mã quầy", "hình thức", "ngày tiếp nhận",
    "ngày hẹn trả", "ngày trả kết quả",
)  # fmt: skip


def _dossiers(today: date, chance: random.Random) -> Rows:
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() > 4:
            continue
        for unit in ROSTER:
            for number in range(1, chance.randint(3, 6)):
                named = f"MAU-{unit}-{day:%y%m%d}-{number:04}"
                yield (unit, named, *_dossier(unit, day, today, chance))


def _dossier(unit: str, day: date, today: date, chance: random.Random) -> Sequence[object]:
    sort = chance.choices(SORTS, [each.share for each in SORTS])[0]
    able = [code for code, numbers in ROSTER[unit].items() if sort.counter in numbers]
    due = _working(day, sort.promised)
    # One of ten comes late; the others take half of the time promised or more.
    late = chance.random() < 0.1
    taken = chance.randint(1, 5) if late else -chance.randint(0, sort.promised // 2)
    resolved = _working(day, sort.promised + taken)
    return (
        sort.code, able[0], f"{unit}-{sort.counter}",
        chance.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        _at(day, chance.randint(450, 690)), f"{due:%d/%m/%Y}",
        _at(resolved, chance.randint(810, 1_020)) if resolved < today else "",
    )  # fmt: skip


def _working(day: date, days: int) -> date:
    """So many working days later."""
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _at(day: date, minute: int) -> str:
    return f"{datetime.combine(day, time(minute // 60, minute % 60)):%d/%m/%Y %H:%M}"


def _transactions(now_ms: int, chance: random.Random) -> Rows:
    """More than press: a good half of the citizens leave a vote."""
    for day in history.working_days(now_ms):
        for counter in history.COUNTERS:
            yield counter, f"{day:%d/%m/%Y}", chance.randint(66, 96)
