"""What time it is, and how far that may be trusted: boot, time since boot, wall clock, sync."""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STA_UNSYNC = 0x40  # linux/timex.h: the kernel's own word that its clock is not disciplined


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks, as a line wants it (protocol.md 2)."""

    boot: str
    mono_ms: int
    wall_ms: int
    sync: bool


class Clock:
    """The clocks of this start of the operating system; `rtc` = a battery clock is fitted.
    `ahead_ms` moves both of them, in tests (kiosk.ahead)."""

    def __init__(self, *, rtc: bool = False, ahead_ms: Callable[[], int] | None = None) -> None:
        self.boot = BOOT_ID.read_text("ascii").strip()
        self._rtc, self._ahead_ms = rtc, ahead_ms
        self.offset_ms: int | None = None
        """Server time minus time since boot, once this boot has had an answer."""

    def mono_ms(self) -> int:
        """Milliseconds since boot, suspend included."""
        return (time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self._ahead_ns()) // 1_000_000

    @property
    def may_jump(self) -> bool:
        """Whether a test lets days pass: then nobody may sleep for long."""
        return self._ahead_ms is not None

    def local(self, zone: tzinfo) -> datetime:
        """Now, as well as this kiosk can tell: by the server's time if this boot has heard it,
        else by its own wall clock. For opening hours and for the eye, never for a line."""
        if self.offset_ms is None:
            return datetime.fromtimestamp((time.time_ns() + self._ahead_ns()) / 1e9, zone)
        return datetime.fromtimestamp((self.mono_ms() + self.offset_ms) / 1000, zone)

    def read(self) -> Reading:
        """Now."""
        return self.at(time.clock_gettime_ns(time.CLOCK_BOOTTIME))

    def at(self, mono_ns: int) -> Reading:
        """A moment of this boot, as CLOCK_BOOTTIME nanoseconds: when the finger came down, not
        when we got round to it."""
        age_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - mono_ns
        ahead_ns = self._ahead_ns()
        wall_ns = max(0, time.time_ns() - age_ns + ahead_ns)
        sync = self._rtc or kernel_is_synchronised()
        return Reading(self.boot, (mono_ns + ahead_ns) // 1_000_000, wall_ns // 1_000_000, sync)

    def _ahead_ns(self) -> int:
        return 0 if self._ahead_ms is None else self._ahead_ms() * 1_000_000


class _Timex(ctypes.Structure):
    # Only `status` is read; the tail is room for the rest of struct timex on every ABI.
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


_adjtimex: Callable[[object], int] | None
try:
    _adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
except (OSError, AttributeError):  # no glibc-like C library: nobody vouches for the clock
    _adjtimex = None


_timex = _Timex()  # one for all threads: each look writes the same truth into it
_look = ctypes.byref(_timex)


def kernel_is_synchronised() -> bool:
    """True only if the kernel says so (adjtimex without STA_UNSYNC); False if it cannot be read."""
    if _adjtimex is None:
        return False
    return _adjtimex(_look) >= 0 and not _timex.status & STA_UNSYNC
