"""A multitouch panel that the kernel believes in (uinput): one that hangs on a screen's cable."""

import fcntl
import os
import struct
import time

WIDTH, HEIGHT = 800, 480
HELD_S = 0.12

# linux/input-event-codes.h
EV_SYN, EV_KEY, EV_ABS = 0, 1, 3
BTN_TOUCH, DIRECT = 0x14A, 0x01
ABS_X, ABS_Y, SLOT, MT_X, MT_Y, TRACKING_ID = 0x00, 0x01, 0x2F, 0x35, 0x36, 0x39
# linux/uinput.h
CREATE, DEVICE, AXIS = 0x5501, 0x405C5503, 0x401C5504
SET_EVENT, SET_KEY, SET_PROPERTY = 0x40045564, 0x40045565, 0x4004556E
USB = 3


class TouchPanel:
    """Ten fingers on WIDTH x HEIGHT, such as the Pi's own 7 inch panel reports them."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/uinput", os.O_WRONLY)
        for request, value in (
            (SET_EVENT, EV_KEY), (SET_EVENT, EV_ABS), (SET_KEY, BTN_TOUCH), (SET_PROPERTY, DIRECT),
        ):  # fmt: skip
            fcntl.ioctl(self._fd, request, value)
        for code, most in (
            (ABS_X, WIDTH - 1), (ABS_Y, HEIGHT - 1), (SLOT, 9), (TRACKING_ID, 65535),
            (MT_X, WIDTH - 1), (MT_Y, HEIGHT - 1),
        ):  # fmt: skip
            fcntl.ioctl(self._fd, AXIS, struct.pack("Hxx6i", code, 0, 0, most, 0, 0, 0))
        identity = struct.pack("4H80sI", USB, 0x0EEF, 0x0001, 1, b"virtual touch panel", 0)
        fcntl.ioctl(self._fd, DEVICE, identity)
        fcntl.ioctl(self._fd, CREATE)
        self._touches = 0

    def tap(self, *places: tuple[int, int], held_s: float = HELD_S) -> None:
        """As many fingers as places, down and up together."""
        for finger, (x, y) in enumerate(places):
            self._touches += 1
            self._down(finger, x, y)
        self._send(EV_KEY, BTN_TOUCH, 1)
        self._send(EV_SYN, 0, 0)
        time.sleep(held_s)
        for finger, _ in enumerate(places):
            self._send(EV_ABS, SLOT, finger)
            self._send(EV_ABS, TRACKING_ID, -1)
        self._send(EV_KEY, BTN_TOUCH, 0)
        self._send(EV_SYN, 0, 0)

    def _down(self, finger: int, x: int, y: int) -> None:
        self._send(EV_ABS, SLOT, finger)
        self._send(EV_ABS, TRACKING_ID, self._touches)
        for code, value in ((MT_X, x), (MT_Y, y), (ABS_X, x), (ABS_Y, y)):
            self._send(EV_ABS, code, value)

    def _send(self, kind: int, code: int, value: int) -> None:
        os.write(self._fd, struct.pack("llHHi", 0, 0, kind, code, value))
