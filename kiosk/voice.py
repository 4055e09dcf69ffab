"""The kiosk's voice: recorded prompts, espeak-ng as their stand-in, and a chime. Needs no screen.

It says only what it is handed. Whatever fails, the kiosk goes on in silence, and the log says why.
"""

import logging
import shutil
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from unicodedata import normalize

from kiosk.audio import RECORDINGS, Sound, chime, read_wav, write_wav
from kiosk.locale import load_catalogues

PROMPTS = {
    "question": "asking.question",
    "listen_faces": "voice.listen_faces",
    "thanks": "thanks.title",
    "follow_up": "follow_up.question",
    "choose_counter": "choose_counter.title",
}
"""Prompt to the key of its words. Ratings and reasons are not among them: a bystander may hear."""

PLAYER, SPEAKER = "aplay", "espeak-ng"
WORDS_A_MINUTE = 140
_LATE_S = 3.0
"""For that long a player may go on after the end of its sound before it is taken to hang."""
_REMEMBERED = 16
_LARGEST, _LONGEST_TEXT = 16_000_000, 1_000

Report = Literal["recorded", "stand-in", "none"]
_log = logging.getLogger(__name__)


class _Said(NamedTuple):
    """One thing to be heard; without words it is the chime."""

    percent: int
    prompt: str = ""
    text: str = ""
    locale: str = ""


class Voice:
    """Says one thing at a time, on a thread of its own. `say`, `chime` and `stop` may be called
    from any thread and return at once; nothing here raises for want of files, programs, sound."""

    def __init__(self, folder: Path) -> None:
        """Recordings in `folder`/voice go before those that come with the kiosk."""
        self._folders = (folder / "voice", RECORDINGS)
        self._lock = threading.Condition()
        self._waiting: list[_Said] = []
        self._now: _Said | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._spoken: OrderedDict[tuple[str, str], Sound] = OrderedDict()
        self._troubles: dict[str, str] = {}

    def say(self, prompt: str, text: str, locale: str, *, percent: int) -> None:
        """Says `text` in a language, in place of what is being said: the recording of the prompt,
        if it has these words, else by espeak-ng. `percent` of the loudest; 0 is silence."""
        self.say_all([(prompt, text)], locale, percent=percent)

    def say_all(self, prompts: Sequence[tuple[str, str]], locale: str, *, percent: int) -> None:
        """Says several (prompt, text) one after the other, each with its own recording."""
        said = [_Said(percent, prompt, text, locale) for prompt, text in prompts]
        with self._lock:
            self._replace([*(w for w in self._waiting if not w.prompt), *said], but_chime=True)

    def chime(self, percent: int) -> None:
        """The one chime, in place of what is being said. What is said next waits for its end."""
        with self._lock:
            self._replace([_Said(percent)])

    def stop(self) -> None:
        """Silence."""
        with self._lock:
            self._replace([])

    def close(self) -> None:
        """Silence for good; returns when the last sound has ended."""
        with self._lock:
            self._closed = True
            self._replace([])
        if self._thread is not None:
            self._thread.join(_LATE_S)

    def report(self, locale: str, *, question: str = "") -> Report:
        """How the least of the prompts is heard. `question` is the configured one, if any. Reads
        files, so not for a thread that is in a hurry."""
        words = load_catalogues().get(locale)
        if words is None or not shutil.which(PLAYER) or PLAYER in self._troubles:
            return "none"
        texts = {prompt: words[key] for prompt, key in PROMPTS.items()}
        texts["question"] = question or texts["question"]
        if all(self._find_recording(prompt, text, locale) for prompt, text in texts.items()):
            return "recorded"
        speaks = words["voice"] and shutil.which(SPEAKER) and words["voice"] not in self._troubles
        return "stand-in" if speaks else "none"

    # Under the lock

    def _replace(self, said: list[_Said], *, but_chime: bool = False) -> None:
        self._waiting = [] if self._closed else said
        if self._now is not None and not (but_chime and not self._now.prompt):
            self._now = None
            if self._process is not None:
                self._process.kill()
        if self._waiting and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
            self._thread.start()
        self._lock.notify()

    # The voice's own thread

    def _run(self) -> None:
        for said in self._each():
            sound = chime() if not said.prompt else self._find(said)
            if sound is not None and said.percent > 0:
                wav = write_wav(sound, said.percent)
                self._call(PLAYER, ["-q", "-"], wav, said, within_s=sound.seconds + _LATE_S)

    def _each(self) -> Iterator[_Said]:
        while True:
            with self._lock:
                self._now = None
                self._lock.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                self._now = said = self._waiting.pop(0)
            yield said

    def _find(self, said: _Said) -> Sound | None:
        if said.percent <= 0:
            return None
        recorded = self._find_recording(said.prompt, said.text, said.locale)
        return recorded or self._speak(said)

    def _find_recording(self, prompt: str, text: str, locale: str) -> Sound | None:
        for folder in self._folders:
            path = folder / locale / f"{prompt}.wav"
            if not path.is_file():
                continue
            try:
                with path.with_suffix(".txt").open(encoding="utf-8") as file:
                    words = _plain(file.read(_LONGEST_TEXT))
                if words != _plain(text):
                    raise ValueError(f"its .txt does not say “{_plain(text)}”")
                if path.stat().st_size > _LARGEST:
                    raise ValueError("too large")
                sound = read_wav(path.read_bytes())
            except (OSError, ValueError) as error:
                self._complain(str(path), f"the recording is not used: {error}")
            else:
                self._troubles.pop(str(path), None)
                return sound
        return None

    def _speak(self, said: _Said) -> Sound | None:
        words = load_catalogues().get(said.locale)
        voice, text = words["voice"] if words else "", _plain(said.text)[:_LONGEST_TEXT]
        if not voice or not text:
            return None
        if (voice, text) not in self._spoken:
            options = [f"-v{voice}", f"-s{WORDS_A_MINUTE}", "-b1", "--stdin", "--stdout"]
            letters = text.encode(errors="replace")
            output = self._call(SPEAKER, options, letters, said, trouble=voice)
            try:
                self._spoken[voice, text] = read_wav(output)
            except ValueError as error:
                if output:  # else it was stopped, or has told why not
                    self._complain(voice, f"{SPEAKER} made no sound: {error}")
                return None
            if len(self._spoken) > _REMEMBERED:
                self._spoken.popitem(last=False)
        self._spoken.move_to_end((voice, text))
        return self._spoken[voice, text]

    def _call(
        self, program: str, options: list[str], data: bytes, said: _Said, *,
        within_s: float = 10.0, trouble: str = "",
    ) -> bytes:  # fmt: skip
        """What a program answers to `data`; nothing if it fails, hangs, or nobody waits for it."""
        trouble = trouble or program
        try:
            process = subprocess.Popen(  # noqa: S603  (a fixed name, and no shell)
                [program, *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            self._complain(trouble, f"{program} cannot be started: {error.strerror}")
            return b""
        with self._lock:
            self._process = process
            if self._now is not said:
                process.kill()
        try:
            output, errors = process.communicate(data, within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = b"", b"it hangs"
            process.communicate()
        with self._lock:
            self._process, stopped = None, self._now is not said
        if process.returncode == 0:
            self._troubles.pop(trouble, None)
        elif not stopped:
            lines = errors.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
            self._complain(trouble, f"{program} failed: {lines[-1]}")
        return output if process.returncode == 0 else b""

    def _complain(self, about: str, why: str) -> None:
        """Logs it, but not again and again."""
        if self._troubles.get(about) != why:
            _log.warning("%s: %s", about, why)
        self._troubles[about] = why


def _plain(text: str) -> str:
    """The words alone: composed letters, one ordinary space between them."""
    return " ".join(normalize("NFC", text).split())
