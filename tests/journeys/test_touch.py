"""The same journey with a finger: a real Kivy window under Xvfb, touched by xdotool."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.finger import HEIGHT, WIDTH, photograph, press_key, touch
from tests.journeys.river import OFFICIAL, Kiosk, Server, until

pytestmark = pytest.mark.one_database


SIZE = ("--size", f"{WIDTH}x{HEIGHT}")


@pytest.fixture
def window(kiosk: Kiosk, display: str) -> Kiosk:
    kiosk.start(*SIZE, environment={"DISPLAY": display, "SDL_AUDIODRIVER": "dummy"})
    return kiosk


@pytest.fixture
def enrolled(tmp_path: Path, enroller: Server) -> Iterator[Kiosk]:
    """A kiosk whose server nobody asks."""
    made = Kiosk(tmp_path / "kiosk", enroller)
    made.settings(undo_s=0)
    yield made
    if made.process and made.process.poll() is None:
        made.kill()
    made.close()


def test_a_touched_face_is_read_by_the_supervisor(
    window: Kiosk, display: str, server: Server, artefacts: Path
) -> None:
    window.sign_in()
    until("the question is drawn", lambda: len(set(photograph(display, artefacts / "ask.png"))) > 9)
    touch(display, 4)
    assert window.expect("thanks")["rating"] == 4
    time.sleep(0.5)  # for the picture alone: nothing below depends on it
    photograph(display, artefacts / "thanks.png")
    window.quit()
    server.run("work", "--once")
    (vote,) = server.table("votes")
    assert (vote["rating"], vote["official"], vote["basis"]) == ("4", OFFICIAL, "duty")


def test_the_keys_1_to_5_vote_too_and_the_key_i_invites(enrolled: Kiosk, display: str) -> None:
    enrolled.start(*SIZE, environment={"DISPLAY": display})
    for rating in (1, 3):
        press_key(display, str(rating))
        assert enrolled.expect("thanks")["rating"] == rating
    press_key(display, "i")
    assert enrolled.expect("invited")["dossier"] is None


def test_a_touch_and_a_button_take_one_path(tmp_path: Path, server: Server, display: str) -> None:
    """The same face by button and by finger within a moment is one vote."""
    kiosk = Kiosk(tmp_path / "kiosk", server)
    kiosk.start(*SIZE, environment={"DISPLAY": display})
    kiosk.press(5)
    kiosk.say("wait 500")
    press_key(display, "5")
    assert kiosk.expect("suppressed")["why"] in ("repeat", "bounce")
    kiosk.quit()
    server.run("work", "--once")
    assert len(server.table("votes")) == 1


def test_a_window_without_a_display_is_one_sentence(enrolled: Kiosk) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "SDL_VIDEODRIVER")}
    from tests.journeys.river import module

    done = subprocess.run(
        module("kiosk", "run", "--panel", "keys", "--data", str(enrolled.folder)),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert "--headless" in done.stderr
