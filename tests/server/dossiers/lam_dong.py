"""A file whose rows give the published figures of Lâm Đồng: 1 December 2018 to 30 November 2019."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

RECEIVED, RESOLVED, ON_TIME, LATE, PENDING = 491_498, 475_158, 470_208, 4_950, 16_340
FIRST, LAST = date(2018, 12, 1), date(2019, 11, 30)
UNITS = [f"680{number:02d}" for number in range(12)]
HEADING = "mã đơn vị,số hồ sơ,mã thủ tục,mã cán bộ,ngày tiếp nhận,ngày hẹn trả,ngày trả kết quả"


def write(path: Path, *, of: int = 1) -> tuple[int, int, int]:
    """Write every `of`-th dossier of the year; how many are received, resolved and on time."""
    n = [0, 0, 0]
    with path.open("w", encoding="utf-8-sig") as file:
        file.write(HEADING + "\r\n")
        for row, resolved, on_time in _rows(of):
            n[0] += 1
            n[1] += resolved
            n[2] += on_time
            file.write(row + "\r\n")
    return n[0], n[1], n[2]


def _rows(of: int) -> Iterator[tuple[str, bool, bool]]:
    """What is on time, late and pending is spread over the year and the units."""
    for i in range(0, RECEIVED, of):
        place = i * 100_003 % RECEIVED  # prime to it: each place once
        on_time, resolved = place < ON_TIME, place < RESOLVED
        received = FIRST + timedelta(days=i % 340)
        due = received + timedelta(days=1 + i % 20)
        done = due if on_time else due + timedelta(days=1 + i % 4)
        unit = UNITS[i % len(UNITS)]
        yield (
            f"{unit},{unit}-{received:%y%m%d}-{i:06d},1.{i % 587:06d},CB-{i % 1463:04d},"
            f"{received:%d/%m/%Y},{due:%d/%m/%Y},{f'{done:%d/%m/%Y}' if resolved else ''}",
            resolved,
            on_time,
        )
