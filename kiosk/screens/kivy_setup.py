"""Everything Kivy must be told before it is imported."""

import os

from kiosk.screens.display import Driver

REST_FPS = 15
"""Looks for a touch that often at rest; below 10 Kivy's interrupt clock becomes erratic."""

ENVIRONMENT = {
    "KIVY_NO_ARGS": "1",  # our command line is ours
    "KIVY_NO_CONFIG": "1",  # neither read nor write ~/.kivy: same screen for every account
    "KIVY_NO_FILELOG": "1",
    "KIVY_LOG_MODE": "PYTHON",  # leave the root logger to the app
}


def prepare_kivy(*, size: tuple[int, int], fullscreen: bool, driver: Driver) -> None:
    """Sets environment and Config; must run before anything else imports kivy."""
    os.environ.update(ENVIRONMENT)
    os.environ["SDL_VIDEODRIVER"] = driver
    if driver == "kmsdrm":
        # Touch comes from mtdev there; SDL making mouse clicks of it would be a second contact.
        os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")
    from kivy.config import Config

    width, height = size
    for section, key, value in (
        ("kivy", "kivy_clock", "interrupt"),  # show() from another thread wakes the loop at once
        ("kivy", "exit_on_escape", "0"),
        ("kivy", "log_level", "warning"),
        ("graphics", "width", str(width)),
        ("graphics", "height", str(height)),
        ("graphics", "fullscreen", "auto" if fullscreen else "0"),
        ("graphics", "show_cursor", "0" if fullscreen else "1"),
        ("graphics", "maxfps", str(REST_FPS)),
        ("graphics", "multisamples", "0"),  # faces smooth their own edges
    ):
        Config.set(section, key, value)
    for key, _value in Config.items("input"):
        Config.remove_option("input", key)
    for key, value in _inputs(driver).items():
        Config.set("input", key, value)


def _inputs(driver: Driver) -> dict[str, str]:
    """One path for each finger: as the mouse under X, through mtdev on a bare console."""
    inputs = {"mouse": "mouse,disable_multitouch"}
    if driver == "kmsdrm":
        inputs["%(name)s"] = "probesysfs,provider=mtdev"
    return inputs
