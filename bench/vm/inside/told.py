"""What a job in the guest tells the host, over the serial console: rows of its table."""

import json
import time
import traceback
from collections.abc import Callable

MARK, LOOK, CUT = "ROW ", "LOOK ", "CUT"
SEEN_S = 4.0  # until a frame is surely on the screen, and for the host to take its picture


def row(what: str, expected: str, seen: object, *, fine: bool | None = None) -> None:
    """One row; `fine` without being said: what was seen reads as expected."""
    ok = str(seen) == expected if fine is None else fine
    told = {"what": what, "expected": expected, "seen": str(seen), "fine": ok}
    print(f"\n{MARK}{json.dumps(told, ensure_ascii=True)}", flush=True)


def look(name: str) -> None:
    """Has the host take a picture of the screen."""
    time.sleep(SEEN_S)
    print(f"\n{LOOK}{name}", flush=True)
    time.sleep(SEEN_S)


def cut() -> None:
    """Has the host cut the power."""
    print(f"\n{CUT}", flush=True)
    time.sleep(3600)


def part(work: Callable[..., None], *about: object) -> None:
    """Does one part of the job. If it fails that is a row, and the other parts are still done."""
    try:
        work(*about)
    except Exception as error:  # noqa: BLE001  (whatever it is, the table has to say so)
        traceback.print_exc()
        row(f"{work.__name__} comes to its end", "True", f"{type(error).__name__}: {error}")


def wait_until(true: Callable[[], object], limit_s: float = 60.0) -> bool:
    """Whether it became true within the limit, which is generous: the processor is emulated."""
    end = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True
