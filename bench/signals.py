"""`make bench ARGS=signals`: a province-year watched from scratch, and one more night.

179 units of six counters, 1,400 officials, 250 working days, 2.4 million votes; also citizens
served, procedures and hours. Nothing changes, so every alarm is a false one.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

UNITS, COUNTERS, DAYS, PROCEDURES = 179, 6, 250, 20
A_DAY = 9.0  # votes at a counter
SEED = 2026
START = date(2025, 11, 3)
WEIGHTS = [0] * 7 + [2, 4, 4, 3, 1, 0, 2, 3, 2, 1] + [0] * 7
SUMMED = {"analytics_tally", "analytics_proceduretally", "analytics_unitmonth"}
Row = tuple[Any, ...]


def run(args: argparse.Namespace) -> bool:
    """Both in a process of its own over a folder of its own."""
    units = UNITS // 10 if args.quick else UNITS
    with tempfile.TemporaryDirectory(dir=os.environ.get("HAILONG_BENCH_DIR")) as folder:
        environment = {**os.environ, "HAILONG_DATA": folder}
        environment.pop("HAILONG_DATABASE_URL", None)
        command = [sys.executable, "-m", "bench.signals", str(units)]
        return subprocess.run(command, env=environment, check=False).returncode == 0


def main() -> int:
    """In HAILONG_DATA, which is empty."""
    units = int(sys.argv[1])
    _set_up()
    days = [day for at in range(2 * DAYS) if (day := START + timedelta(days=at)).weekday() < 5]
    began = time.monotonic()
    votes = _write(units, days[:DAYS], 1)
    print(f"{units} units, {votes:,} votes written as tallies in {time.monotonic() - began:.0f} s")
    for what, last in (("from scratch", days[DAYS - 1]), ("one more night", days[DAYS])):
        if last == days[DAYS]:
            _write(units, [last], 2)
        _watch(what, last)
    _tell_false_alarms()
    return 0


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    from server.folder import Folder

    Folder(Path(os.environ["HAILONG_DATA"])).make(name="bench", sample=True)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _watch(what: str, last: date) -> None:
    from zoneinfo import ZoneInfo

    from server.clock import midnight_ms
    from server.signals.services import watch_pending

    now_ms = midnight_ms(last + timedelta(days=1), ZoneInfo("Asia/Ho_Chi_Minh")) + 3 * 3_600_000
    began, used = time.monotonic(), time.process_time()
    assert watch_pending(now_ms=now_ms)
    took = time.monotonic() - began
    print(f"{what}: {took:.2f} s ({time.process_time() - used:.2f} s of processor)")
    began = time.monotonic()
    assert not watch_pending(now_ms=now_ms)
    print(f"  nothing to do: {(time.monotonic() - began) * 1000:.1f} ms")


def _tell_false_alarms() -> None:
    from collections import Counter

    from server.signals.models import Signal
    from server.signals.waiting import limits_now

    kinds = Counter(Signal.objects.values_list("kind", flat=True))
    print(f"false alarms a month: {kinds.total() / 12:.2f} ({dict(kinds)}); {limits_now()}")


def _write(units: int, days: list[date], gen: int) -> int:
    """The tallies of these days; how many votes they say."""
    from django.db import connection

    from server.analytics.counting import COUNTS

    if gen == 1:
        _make_places(units)
    name = connection.settings_dict["NAME"]
    connection.close()
    raw = sqlite3.connect(name, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("BEGIN")
    votes = 0
    for unit in range(units):
        for table, (columns, rows) in _rows(f"P{unit:04}", days, gen).items():
            if table == "analytics_tally":
                votes += sum(sum(row[8:13]) for row in rows)
            if table in SUMMED:  # the other counts of these tables, which have no default
                rest = [name for name in COUNTS if name not in columns.split(", ")]
                columns = ", ".join([columns, *rest])
                rows = [(*row, *[0] * len(rest)) for row in rows]
            marks = ", ".join("?" * (columns.count(",") + 1))
            raw.executemany(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", rows)
    raw.execute("COMMIT")
    raw.close()
    return votes


def _make_places(units: int) -> None:
    from server.fleet.models import Kiosk, Placement
    from server.organisation.models import Unit

    codes = [f"P{unit:04}" for unit in range(units)]
    Unit.objects.bulk_create(Unit(code=code, name=f"Xã Mẫu {code}") for code in codes)
    for code in codes:
        for at in range(COUNTERS):
            kiosk = Kiosk.objects.create(id=f"k{code}-{at}", unit=code, name="Kiosk")
            Placement.objects.create(kiosk=kiosk, unit=code, counter=f"{code}-{at}", started_ms=0)


TALLY = "unit, counter, first_day, last_day, official, why, basis, state, n1, n2, n3, n4, n5, "
TALLY += "r1, r3, i5, i4, i3, i1, lo, up"


def _rows(unit: str, days: list[date], gen: int) -> dict[str, tuple[str, list[Row]]]:
    import numpy as np

    rng = np.random.default_rng([SEED, int(unit[1:]), gen])
    bad = np.random.default_rng([SEED, int(unit[1:])]).beta(12, 180, COUNTERS)
    shares = [[p * 0.4, p * 0.6, 0.1, 0.3, 0.6 - p] for p in bad]
    hours = np.array(WEIGHTS) / sum(WEIGHTS)
    tallies: list[Row] = []
    found: dict[str, tuple[str, list[Row]]] = {
        "analytics_tally": (TALLY, tallies),
        "analytics_hourtally": ("unit, day, counter, hour, state, n1, n2, n3, n4, n5", []),
        "analytics_proceduretally": (
            "unit, first_day, last_day, procedure, state, n1, n2, n3, n4, n5", []),
        "dossiers_transactions": ("unit, counter, date, n", []),
        "attribution_changedday": ("unit, counter, first_day, last_day, gen", []),
        "analytics_countedunit": ("unit, gen", [(unit, gen)]),
        "votes_kioskday": (
            "unit, journal, seq, kiosk, date, scale, n1, n2, n3, n4, n5, uptime_s, suppressed", []),
        "analytics_unitmonth": (
            "unit, first_month, last_month, state, n1, n2, n3, n4, n5", []),
    }  # fmt: skip
    months: dict[str, int] = {}
    for at, day in enumerate(days):
        on, done = str(day), 0
        served = rng.poisson(A_DAY * 2.5, COUNTERS)
        rates = 0.4 * np.exp(rng.normal(0, 0.15, COUNTERS))
        for place in range(COUNTERS):
            counter = f"{unit}-{place}"
            ratings = rng.multinomial(rng.binomial(served[place], min(rates[place], 1.0)),
                                      shares[place])  # fmt: skip
            official = f"{unit}-{place if rng.random() < 0.8 else 6 + place % 2}"
            tallies.append((unit, counter, on, on, official, "", "duty", "counted",
                            *_sides(rng, ratings)))  # fmt: skip
            for hour in set(rng.choice(24, size=int(ratings.sum()), p=hours).tolist()):
                row = (unit, on, counter, hour, "counted", 0, 0, 0, 0, 1)
                found["analytics_hourtally"][1].append(row)
            found["dossiers_transactions"][1].append((unit, counter, on, int(served[place])))
            found["attribution_changedday"][1].append((unit, counter, on, on, gen))
            found["votes_kioskday"][1].append(
                (unit, counter, gen * 1000 + at, f"k{counter}", on, "vn5", *[0] * 7)
            )
            done += int(ratings.sum())
        months[on[:8] + "01"] = months.get(on[:8] + "01", 0) + done
        for which, n in enumerate(rng.multinomial(done // 4, [1 / PROCEDURES] * PROCEDURES)):
            x = int(rng.binomial(n, bad.mean()))
            row = (unit, on, on, f"1.{which:06}", "counted", x, 0, 0, 0, int(n) - x)
            found["analytics_proceduretally"][1].append(row)
    if gen == 1:
        found["analytics_unitmonth"][1].extend(
            (unit, month, month, "counted", 0, 0, 0, 0, n) for month, n in months.items()
        )
    return found


def _sides(rng: Any, ratings: Any) -> tuple[int, ...]:
    """Of a counter's day: ratings, two reasons, invited, first rated badly, ended well."""
    n = [int(each) for each in ratings]
    lows = n[0] + n[1]
    why = [int(each) for each in rng.multinomial(lows, [0.2, 0.2, 0.6])[:2]]
    asked = [int(rng.binomial(each, 0.3)) for each in (n[4], n[3], n[2], lows)]
    return (*n, *why, *asked, lows, int(rng.binomial(lows, 0.03)))


if __name__ == "__main__":
    sys.exit(main())
