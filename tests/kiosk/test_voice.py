"""The voice: real recordings, real espeak-ng and real aplay, on a loudspeaker that we read."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.audio import Sound, chime
from kiosk.locale import load_catalogues
from kiosk.voice import PROMPTS, Voice
from protocol.rating import POSITIVE_REASONS, REASONS, WORDS
from tests.kiosk.conftest import eventually
from tests.kiosk.loudspeaker import Loudspeaker, espeak, record, tone

HELLO = "Ông/Bà có hài lòng không?"
LONG = Sound(22_050, 1, b"\x10\x01" * 22_050 * 5)
"""Much more than the pipe takes in at once."""


@pytest.fixture
def loudspeaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loudspeaker]:
    speaker = Loudspeaker(tmp_path)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(speaker.config))
    yield speaker
    speaker.close()


@pytest.fixture
def voice(tmp_path: Path, loudspeaker: Loudspeaker) -> Iterator[Voice]:
    voice = Voice(tmp_path)
    yield voice
    voice.close()


def only(programs: set[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on these are the only programs of the machine."""
    place = folder / f"programs-{'-'.join(programs)}"
    place.mkdir()
    for program in programs:
        (place / program).symlink_to(shutil.which(program) or "")
    monkeypatch.setenv("PATH", str(place))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize(("rate", "channels"), [(22_050, 1), (16_000, 2), (48_000, 2)])
def test_a_recording_is_heard_sample_for_sample(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path, rate: int, channels: int
) -> None:
    sound = tone(9_000, rate, channels)
    record(tmp_path, "question", HELLO, sound)
    voice.say("question", HELLO, "vi", percent=100)
    assert loudspeaker.hear() == sound.samples


def test_the_percent_scales_every_sample(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "question", HELLO, tone(9_000))
    voice.say("question", HELLO, "vi", percent=30)
    heard = loudspeaker.hear()
    assert heard[:4] == (2_700).to_bytes(2, "little") + (-2_700).to_bytes(2, "little", signed=True)
    assert len(heard) == len(tone(9_000).samples)


def test_no_percent_is_silence_and_more_than_all_is_all(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "thanks", HELLO, tone(9_000))
    voice.chime(0)
    voice.say_all([("question", HELLO), ("thanks", HELLO)], "vi", percent=0)
    eventually(lambda: not voice._waiting and voice._now is None)
    assert loudspeaker.read() == b""
    assert not voice._spoken
    voice.say("thanks", HELLO, "vi", percent=1_000)
    assert loudspeaker.hear() == tone(9_000).samples


def test_without_a_recording_espeak_speaks_in_the_languages_voice(
    voice: Voice, loudspeaker: Loudspeaker
) -> None:
    voice.say("question", "Hài lòng không?", "vi", percent=100)
    assert loudspeaker.hear() == espeak("Hài lòng không?")
    voice.say("question", "Are you satisfied?", "en", percent=100)
    assert loudspeaker.hear() == espeak("Are you satisfied?", "en")


def test_words_that_look_like_an_option_are_spoken(voice: Voice, loudspeaker: Loudspeaker) -> None:
    voice.say("question", "--version", "en", percent=100)
    assert len(loudspeaker.hear()) > 10_000


def test_a_recording_of_other_words_is_not_used(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, "question", "Câu hỏi năm ngoái?", tone(9_000))
    for _ in range(2):
        voice.say("question", HELLO, "vi", percent=100)
        assert loudspeaker.hear() == espeak(HELLO)
    (told,) = warnings(caplog)
    assert "question.wav" in told
    assert f"does not say “{HELLO}”" in told


def test_spaces_and_the_spelling_of_letters_make_no_other_words(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    decomposed = "Ha\u0300i lo\u0300ng\n không?"
    record(tmp_path, "question", decomposed, tone(9_000))
    voice.say("question", "Hài\u00a0lòng không?", "vi", percent=100)
    assert loudspeaker.hear() == tone(9_000).samples


@pytest.mark.parametrize(
    "spoil",
    [
        lambda wav: wav.write_bytes(b"RIFF no more"),
        lambda wav: wav.write_bytes(b""),
        lambda wav: wav.write_bytes(wav.read_bytes()[:44]),
        lambda wav: wav.write_bytes(wav.read_bytes().replace(b"\x10\0data", b"\x18\0data")),
        lambda wav: wav.with_suffix(".txt").unlink(),
        lambda wav: wav.with_suffix(".txt").write_bytes(b"\xff\xfe\xff"),
        lambda wav: wav.chmod(0) if os.geteuid() else os.truncate(wav, 17_000_000),
    ],
    ids=["nonsense", "empty", "no sound", "24 bits", "no words", "no letters", "too large"],
)
def test_a_spoiled_recording_gives_way_to_the_stand_in(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path, spoil: object,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    spoil(record(tmp_path, "question", HELLO, tone(9_000)))  # type: ignore[operator]
    voice.say("question", HELLO, "vi", percent=100)
    assert loudspeaker.hear() == espeak(HELLO)
    assert len(warnings(caplog)) == 1


def test_of_a_recording_cut_short_what_is_there_is_heard(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    wav = record(tmp_path, "question", HELLO, tone(9_000))
    wav.write_bytes(wav.read_bytes()[:1_045])
    voice.say("question", HELLO, "vi", percent=100)
    assert len(loudspeaker.hear()) == 1_000


def test_the_kiosks_own_folder_goes_before_what_came_with_it(
    loudspeaker: Loudspeaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.voice.RECORDINGS", tmp_path / "shipped" / "voice")
    record(tmp_path / "shipped", "thanks", HELLO, tone(3_000))
    record(tmp_path / "shipped", "question", HELLO, tone(3_000))
    record(tmp_path, "question", HELLO, tone(9_000))
    voice = Voice(tmp_path)
    voice.say("question", HELLO, "vi", percent=100)
    assert loudspeaker.hear() == tone(9_000).samples
    voice.say("thanks", HELLO, "vi", percent=100)
    assert loudspeaker.hear() == tone(3_000).samples
    voice.close()


def test_several_prompts_follow_each_other(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "question", HELLO, LONG)
    record(tmp_path, "listen_faces", HELLO, tone(9_000))
    voice.say_all([("question", HELLO), ("listen_faces", HELLO)], "vi", percent=100)
    heard = loudspeaker.hear()
    while len(heard) < len(LONG.samples) + len(tone(9_000).samples):
        heard += loudspeaker.hear()
    assert heard[: len(LONG.samples)] == LONG.samples
    assert heard.endswith(tone(9_000).samples)


def test_a_new_prompt_ends_the_one_before(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "question", HELLO, LONG)
    record(tmp_path, "thanks", HELLO, tone(9_000))
    voice.say("question", HELLO, "vi", percent=100)
    eventually(loudspeaker.read, "the question")
    voice.say("thanks", HELLO, "vi", percent=100)
    heard = loudspeaker.hear()
    while not heard.endswith(tone(9_000).samples):
        heard += loudspeaker.hear()
    assert len(heard) < len(LONG.samples) / 2


def test_stop_ends_it_and_what_was_to_follow(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "question", HELLO, LONG)
    record(tmp_path, "thanks", HELLO, tone(9_000))
    voice.say_all([("question", HELLO), ("thanks", HELLO)], "vi", percent=100)
    eventually(loudspeaker.read, "the question")
    voice.stop()
    assert len(loudspeaker.hear()) < len(LONG.samples) / 2
    voice.chime(100)
    assert loudspeaker.hear() == chime().samples.rstrip(b"\0")


def test_a_loudspeaker_that_hangs_holds_nobody_up(tmp_path: Path, loudspeaker: Loudspeaker) -> None:
    record(tmp_path, "question", HELLO, LONG)
    voice = Voice(tmp_path)
    voice.say("question", HELLO, "vi", percent=100)  # nobody reads: the pipe is full
    eventually(lambda: voice._process, "the player")
    voice.say("question", HELLO, "vi", percent=100)
    voice.close()
    assert voice._process is None
    voice.say("question", HELLO, "vi", percent=100)
    assert not voice._thread or not voice._thread.is_alive()


def test_what_is_said_after_a_chime_waits_for_its_end(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "question", HELLO, tone(9_000))
    voice.chime(100)
    voice.say("thanks", "…", "vi", percent=100)
    heard = eventually(loudspeaker.read, "the chime")
    voice.say("question", HELLO, "vi", percent=100)
    while not heard.endswith(tone(9_000).samples):
        heard += loudspeaker.hear()
    assert heard.startswith(chime().samples.rstrip(b"\0"))


def test_words_once_spoken_are_remembered(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice.say("question", HELLO, "vi", percent=100)
    loudspeaker.hear()
    only({"aplay"}, tmp_path, monkeypatch)
    voice.say("question", HELLO, "vi", percent=100)
    assert len(loudspeaker.hear()) > 10_000


def test_a_long_life_of_new_words_takes_no_more_room(
    voice: Voice, loudspeaker: Loudspeaker
) -> None:
    for n in range(20):
        voice.say("question", f"{n}", "en", percent=100)
        loudspeaker.hear()
    assert len(voice._spoken) == 16


def test_without_espeak_it_is_silent_and_says_so_once(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    only({"aplay"}, tmp_path, monkeypatch)
    record(tmp_path, "thanks", HELLO, tone(9_000))
    for _ in range(2):
        voice.say_all([("question", HELLO), ("thanks", HELLO)], "vi", percent=100)
        assert loudspeaker.hear() == tone(9_000).samples
    (told,) = warnings(caplog)
    assert "espeak-ng cannot be started: No such file" in told


def test_without_a_player_it_is_silent_and_says_so_once(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    only({"espeak-ng"}, tmp_path, monkeypatch)
    voice.chime(100)
    eventually(lambda: warnings(caplog))
    voice.chime(100)
    voice.say("question", HELLO, "vi", percent=100)
    eventually(lambda: voice._spoken)
    assert [told for told in warnings(caplog) if "aplay cannot be started" in told]
    assert len(warnings(caplog)) == 1
    assert voice.report("vi") == "none"


def test_a_loudspeaker_may_be_pulled_out_and_plugged_in_again(
    voice: Voice, loudspeaker: Loudspeaker, caplog: pytest.LogCaptureFixture
) -> None:
    loudspeaker.pull_out()
    voice.chime(100)
    eventually(lambda: voice.report("vi") == "none")
    assert "aplay failed" in warnings(caplog)[0]
    loudspeaker.plug_in()
    voice.chime(100)
    assert loudspeaker.hear() == chime().samples.rstrip(b"\0")
    eventually(lambda: voice.report("vi") == "stand-in")


def test_a_language_without_a_voice_is_silent_unless_recorded(
    voice: Voice, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    record(tmp_path, "thanks", HELLO, tone(9_000), locale="blt")
    voice.say_all([("question", HELLO), ("thanks", HELLO)], "blt", percent=100)
    assert loudspeaker.hear() == tone(9_000).samples
    assert voice.report("blt") == "none"


def test_it_reports_how_the_least_of_its_prompts_is_heard(voice: Voice, tmp_path: Path) -> None:
    words = load_catalogues()["vi"]
    assert voice.report("vi") == "stand-in"
    for prompt, key in PROMPTS.items():
        assert voice.report("vi") == "stand-in"
        record(tmp_path, prompt, words[key], tone(9_000))
    assert voice.report("vi") == "recorded"
    assert voice.report("en") == "stand-in"
    assert voice.report("vi", question="Thế nào?") == "stand-in"
    record(tmp_path, "question", "Thế nào?", tone(9_000))
    assert voice.report("vi", question="Thế nào?") == "recorded"


def test_without_espeak_the_stand_in_is_not_promised(
    voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only({"aplay"}, tmp_path, monkeypatch)
    assert voice.report("vi") == "none"


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_prompt_names_a_rating_or_a_reason(locale: str) -> None:
    words = load_catalogues()[locale]
    said = [words[key] for key in PROMPTS.values()]
    named = [by[locale] for by in (*REASONS.values(), *POSITIVE_REASONS.values())]
    named += [WORDS[rating][locale] for rating in (1, 3, 5)]  # "satisfied" alone is in the question
    assert not [(n, text) for n in named for text in said if n.lower() in text.lower()]


def test_every_prompt_can_be_spoken_in_every_language_with_a_voice() -> None:
    for words in load_catalogues().values():
        for key in PROMPTS.values():
            assert len(espeak(words[key], words["voice"])) > 20_000


def test_the_chime_is_short_starts_softly_and_never_clips() -> None:
    samples = memoryview(chime().samples).cast("h")
    assert chime().seconds <= 0.5
    assert abs(samples[1]) < 100
    assert 10_000 < max(samples) < 32_000
    assert max(map(abs, samples[-200:])) < 3_000


def test_importing_it_starts_nothing_and_brings_no_screen() -> None:
    script = (
        "import sys, threading, kiosk.voice\n"
        "voice = kiosk.voice.Voice(__import__('pathlib').Path('.'))\n"
        "voice.stop(); voice.close()\n"
        "assert threading.active_count() == 1\n"
        "assert not {'kivy', 'hardware', 'asyncio', 'requests'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
