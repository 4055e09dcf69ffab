"""What the demo's kiosks are told to show."""

import pytest

from protocol.configuration import default_reasons, read_config
from protocol.verifiers import ADMIN, check_pin


@pytest.fixture
def kiosk() -> str:
    from server.fleet.services import make_kiosk
    from server.sample import province
    from server.settings import DATA

    province.make(folder=DATA)
    return make_kiosk(counter="99001-1", now_ms=1).id


def test_the_sample_is_open_at_any_hour_and_says_that_it_is_made_up(kiosk: str) -> None:
    from server.fleet.models import Configuration
    from server.sample import choices

    config = read_config(bytes(Configuration.objects.get().body))
    assert config.hours == ()
    assert config.reasons == default_reasons()
    words = [text for story in config.stories for text in story.said.values()]
    words += [text for story in config.stories for text in story.did.values()]
    assert words
    assert all(text.startswith(("(Mẫu)", "(Sample)")) for text in words)
    assert not config.show_official
    verifier = config.admin_pin or ""
    assert check_pin(verifier, kiosk=kiosk, official=ADMIN, pin=choices.ADMIN_PIN)


def test_what_somebody_tried_out_stays_when_the_demo_starts_again(kiosk: str) -> None:
    from pathlib import Path

    from server.fleet.choosing import set_settings
    from server.fleet.chosen import read_toml
    from server.fleet.selectors import chosen_of_unit
    from server.sample import province
    from server.settings import DATA

    set_settings(id="99001", chosen=read_toml('scale = "vn3"'), folder=Path(), now_ms=2)
    province.make(folder=DATA)
    assert chosen_of_unit("99001")["scale"] == "vn3"
