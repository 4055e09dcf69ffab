"""The colors: readable by WCAG 2.2, and apart for eyes that see fewer colors."""

from itertools import combinations

import pytest

from kiosk.screens import palette
from kiosk.screens.palette import FACES, contrast, luminance, rgba

# Machado, Oliveira, Fernandes 2009, table at severity 1.0; on linear RGB.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("ground", [palette.PAGE, palette.CARD, palette.PRESSED])
@pytest.mark.parametrize("letters", [palette.INK, palette.MUTED, palette.WARNING])
def test_letters_reach_four_and_a_half_to_one(letters: str, ground: str) -> None:
    assert contrast(letters, ground) >= 4.5


def test_letters_on_a_strong_key_reach_four_and_a_half_to_one() -> None:
    assert contrast(palette.ON_ACCENT, palette.ACCENT) >= 4.5
    assert contrast(palette.ON_ACCENT, palette.MUTED) >= 4.5


@pytest.mark.parametrize("edge", [palette.EDGE, palette.ACCENT])
def test_edges_of_keys_reach_three_to_one(edge: str) -> None:
    assert contrast(edge, palette.PAGE) >= 3
    assert contrast(edge, palette.CARD) >= 3


@pytest.mark.parametrize("rating", FACES)
def test_a_face_stands_out_from_its_card_and_its_mouth_from_the_face(rating: int) -> None:
    for card in (palette.CARD, palette.PRESSED):
        assert contrast(FACES[rating].edge, card) >= 3
    assert contrast(palette.INK, FACES[rating].fill) >= 3


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_neighboring_faces_differ_for_every_kind_of_color_sight(blindness: str) -> None:
    for one, other in combinations(FACES, 2):
        fills = (seen(FACES[rating].fill, blindness) for rating in (one, other))
        assert lab_distance(*fills) >= 12, (one, other)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)
    assert luminance("#FFFFFF") == pytest.approx(1)


Rgb = tuple[float, ...]


def seen(color: str, blindness: str) -> Rgb:
    """Linear RGB as an eye of that kind sees it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in rgba(color)[:3]
    ]
    return tuple(
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))))
        for row in BLINDNESS[blindness]
    )


def lab_distance(one: Rgb, other: Rgb) -> float:
    """CIE 1976 color difference; about 2 is just noticeable."""
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def lab(rgb: Rgb) -> Rgb:
    red, green, blue = rgb
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
