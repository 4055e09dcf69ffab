"""One past in a process of its own: `python -m bench.past VOTES`; JSON of what it cost.

In a folder that `init` made, on the database that HAILONG_DATABASE_URL names.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bench.past.story import TOP, Desk, Size
from bench.past.writing import make_places, write_past, write_tallies

CORRECTED = 5
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    parser = argparse.ArgumentParser(prog="bench.past")
    parser.add_argument("votes", type=int)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--by-tallies", action="store_true", help="write no vote; pages only")
    args = parser.parse_args()
    size = Size.of(args.votes)
    today = datetime.now(ZONE).date()
    units = make_places(size)
    write = write_tallies if args.by_tallies else write_past
    seconds, votes = _timed(lambda: write(size, units, today))
    _say(f"{votes:,} votes written in {seconds:.0f} s")
    found: dict[str, object] = {"votes": votes, "units": len(units), "days": size.days}
    found |= {"written_s": seconds, "corrections": []}
    if not args.by_tallies:
        _say(f"counted in {_count():.0f} s")
        found["rebuilt_s"] = _rebuild()
        _say(f"tallies rebuilt in {found['rebuilt_s']:.0f} s")
    found["pages_ms"] = read_pages(units[0], today, args.repeat)
    if not args.by_tallies:
        found["corrections"] = correct(units[-CORRECTED:], size, today)
    print(json.dumps(found))
    return 0


def _count() -> float:
    from server.pipeline import run_until_done

    return _timed(run_until_done)[0]


def _rebuild() -> float:
    from server.pipeline import rebuild

    return _timed(lambda: rebuild(tallies_only=True))[0]


def read_pages(unit: str, today: date, repeat: int) -> dict[str, float]:
    """Server time of each page in ms, the best of many: whole answers, to the province's head."""
    from django.test import Client
    from django.test.utils import setup_test_environment

    from server.analytics.selectors import Period
    from server.organisation.models import Role
    from server.organisation.selectors import unit as find_unit
    from server.organisation.services import make_account

    setup_test_environment()
    account = make_account(
        username="head", password=secrets.token_hex(16), role=Role.SUPERVISOR,
        unit=find_unit(TOP),
    )  # fmt: skip
    client = Client()
    client.force_login(account)
    before = (today.replace(day=1) - date.resolution).replace(day=1)
    month = Period(before, today.replace(day=1) - date.resolution)
    year = Period(before.replace(year=before.year - 1), month.last)

    def page(of: str, query: str) -> Callable[[], object]:
        def get() -> object:
            reply = client.get(f"/units/{of}/?{query}")
            assert reply.status_code == 200
            return reply

        return get

    a_month = f"from={before:%Y-%m}"
    a_year = f"from={year.first:%Y-%m}&to={year.last:%Y-%m}"
    pages = {
        "unit, month": page(unit, a_month),
        "unit, year": page(unit, a_year),
        "province, month": page(TOP, a_month),
        "province, month, as is": page(TOP, f"{a_month}&view=as-is"),
        "province, year": page(TOP, a_year),
        "province, year, as is": page(TOP, f"{a_year}&view=as-is"),
    }
    return {name: _best_ms(read, repeat) for name, read in pages.items()}


def correct(units: list[str], size: Size, today: date) -> list[dict[str, object]]:
    """Rulings on an official's month, week and day, until every figure has followed: the best of
    some, each in a unit of its own."""
    days = size.dates(today)
    month = days[-30 if len(days) > 30 else 0].replace(day=1)
    whole = [day for day in days if day.replace(day=1) == month]
    return [
        min((_rule(Desk(unit, number), stretch) for unit in units), key=lambda each: each["s"])
        for number, stretch in ((1, whole), (2, whole[:5]), (3, whole[:1]))
    ]


def _rule(desk: Desk, stretch: list[date]) -> dict[str, Any]:
    from server.attribution.services import propose_ruling
    from server.pipeline import run_until_done

    from_ms, to_ms = _ms(stretch[0]), _ms(stretch[-1]) + 86_400_000
    before = _attributed(desk)
    propose_ruling(
        unit=desk.unit, counter=desk.counter, from_ms=from_ms, to_ms=to_ms,
        official=desk.officials()[1], reason="thay ca", by="head",
        now_ms=time.time_ns() // 1_000_000,
    )  # fmt: skip
    seconds, _ = _timed(run_until_done)
    return {"days": len(stretch), "votes": before - _attributed(desk), "s": seconds}


def _attributed(desk: Desk) -> int:
    """How many votes the official of the mornings has, by the tallies."""
    from django.db.models import F, Sum

    from server.analytics.models import Tally

    rows = Tally.objects.filter(unit=desk.unit, official=desk.officials()[0])
    n = rows.aggregate(n=Sum(F("n1") + F("n2") + F("n3") + F("n4") + F("n5")))["n"]
    return int(n or 0)


def _ms(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), ZONE).timestamp() * 1000)


def _best_ms(do: Callable[[], object], repeat: int) -> float:
    do()
    # Not the median: whatever else the machine does only adds to it.
    return min(_timed(do)[0] for _ in range(repeat)) * 1000


def _timed(do: Callable[[], object]) -> tuple[float, object]:
    began = time.perf_counter()
    result = do()
    return time.perf_counter() - began, result


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
