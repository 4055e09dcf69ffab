"""Sound as bytes: reading a WAV file, making it quieter, and the one chime."""

import io
import wave
from array import array
from functools import cache
from math import exp, pi, sin
from pathlib import Path
from typing import NamedTuple

RECORDINGS = Path(__file__).parent
"""Recorded prompts that come with the kiosk: `<locale>/<prompt>.wav`, its words in `.txt`."""
LONGEST_S = 60
_RATES = range(8_000, 48_001)
_RATE = 22_050


class Sound(NamedTuple):
    """16-bit samples in the machine's order, the channels interleaved."""

    rate: int
    channels: int
    samples: bytes

    @property
    def seconds(self) -> float:
        return len(self.samples) / (2 * self.channels * self.rate)


def read_wav(data: bytes) -> Sound:
    """The sound of a WAV file of 16-bit mono or stereo; ValueError for any other. A file cut
    short, or from a program that did not know its length in advance, holds what is there."""
    try:
        with wave.open(io.BytesIO(data)) as wav:
            rate, channels = wav.getframerate(), wav.getnchannels()
            if wav.getsampwidth() != 2 or channels not in (1, 2) or rate not in _RATES:
                raise ValueError("not 16-bit mono or stereo at 8 to 48 kHz")
            samples = wav.readframes(LONGEST_S * rate)
    except (wave.Error, EOFError) as error:
        raise ValueError(str(error) or "cut short") from None
    whole = samples[: len(samples) // (2 * channels) * 2 * channels]
    if not whole:
        raise ValueError("it holds no sound")
    return Sound(rate, channels, whole)


def write_wav(sound: Sound, percent: int) -> bytes:
    """A WAV file of the sound at that part of its loudness; over 100 is 100."""
    samples = array("h", sound.samples)
    if percent < 100:
        samples = array("h", [sample * percent // 100 for sample in samples])
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setparams((sound.channels, 2, sound.rate, len(samples), "NONE", ""))
        wav.writeframes(samples.tobytes())
    return file.getvalue()


@cache
def chime() -> Sound:
    """Two soft notes, A and E, fading: the same for everything, glad or sad about nothing."""
    samples = array("h")
    for hertz, seconds in ((440.0, 0.14), (659.3, 0.36)):
        for n in range(int(seconds * _RATE)):
            at = n / _RATE
            swell = min(1.0, at / 0.01) * exp(-6 * at)  # no click at its start
            samples.append(int(20_000 * swell * sin(2 * pi * hertz * at)))
    return Sound(_RATE, 1, samples.tobytes())
