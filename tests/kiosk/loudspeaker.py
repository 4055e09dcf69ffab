"""A loudspeaker that a test reads, and what to play on it: real files, espeak-ng and aplay."""

import os
import subprocess
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path

from kiosk.audio import Sound, read_wav, write_wav
from kiosk.voice import WORDS_A_MINUTE
from tests.kiosk.conftest import eventually


class Loudspeaker:
    """ALSA's default device as a named pipe: what is played can be read, and waits until it is."""

    def __init__(self, folder: Path) -> None:
        self.pipe, self.config = folder / "loudspeaker", folder / "asound.conf"
        os.mkfifo(self.pipe)
        self._reading = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl(self._reading, F_SETPIPE_SZ, 8_192)  # a sound is played only as fast as it is read
        self.plug_in()

    def plug_in(self) -> None:
        self.config.write_text(
            "pcm.null { type null }\n"
            f'pcm.!default {{ type file slave.pcm "null" file "{self.pipe}" format "raw" }}'
        )

    def pull_out(self) -> None:
        self.config.write_text("pcm.!default { type hw card 31 }")

    def read(self) -> bytes | None:
        """What came since; b"" if nobody is playing, None if somebody is but nothing came."""
        try:
            return os.read(self._reading, 1 << 20)
        except BlockingIOError:
            return None

    def hear(self) -> bytes:
        """The samples of the next sound, as far as it was played; silence at its end is cut."""
        heard: list[bytes] = []

        def ended() -> bool:
            while part := self.read():
                heard.append(part)
            return bool(heard) and part == b""

        eventually(ended, "a sound")
        return b"".join(heard).rstrip(b"\0")

    def close(self) -> None:
        os.close(self._reading)


def tone(loudness: int, rate: int = 22_050, channels: int = 1) -> Sound:
    wave = b"".join(n.to_bytes(2, "little", signed=True) for n in (loudness, -loudness, 7, -7))
    return Sound(rate, channels, wave * channels * (rate // 40))


def record(folder: Path, prompt: str, said: str, sound: Sound, locale: str = "vi") -> Path:
    place = folder / "voice" / locale
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{prompt}.txt").write_text(f"{said}\n", encoding="utf-8")
    (place / f"{prompt}.wav").write_bytes(write_wav(sound, 100))
    return place / f"{prompt}.wav"


def espeak(text: str, voice: str = "vi") -> bytes:
    """What espeak-ng itself makes of a text."""
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "--stdout", text],
        capture_output=True, check=True,
    )  # fmt: skip
    return read_wav(done.stdout).samples.rstrip(b"\0")
