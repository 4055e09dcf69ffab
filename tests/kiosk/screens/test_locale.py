"""The words: complete in every language offered, and the same as everywhere else."""

from pathlib import Path

import pytest

from kiosk.locale import load_catalogues, load_words
from protocol.rating import WORDS

FOLDER = Path(__import__("kiosk.locale").locale.__file__).parent


def test_vietnamese_and_english_are_complete_and_vietnamese_is_first() -> None:
    assert list(load_catalogues()) == ["vi", "en"]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_words_of_the_ratings_are_those_of_the_protocol(locale: str) -> None:
    words = load_words(locale)
    for rating, named in WORDS.items():
        assert words[f"rating.{rating}"].replace("\xa0", " ") == named[locale]


def copy_of_vietnamese(folder: Path, code: str, change: tuple[str, str] = ("", "")) -> None:
    text = (FOLDER / "vi.toml").read_text(encoding="utf-8")
    (folder / "vi.toml").write_text(text, encoding="utf-8")
    (folder / f"{code}.toml").write_text(text.replace(*change), encoding="utf-8")


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    copy_of_vietnamese(tmp_path, "tay", ('name = "Tiếng Việt"', 'name = "Tày"'))
    assert load_catalogues(tmp_path)["tay"]["name"] == "Tày"


@pytest.mark.parametrize(
    "change",
    [
        ('back = "Quay lại"', ""),
        ('back = "Quay lại"', 'back = " "'),
        ('back = "Quay lại"', 'back = "Quay lại"\nmore_yet = "x"'),
        ("Mã PIN của {name}", "Mã PIN"),
        ("Mã PIN của {name}", "Mã PIN của {ten}"),
    ],
)
def test_an_unfinished_language_is_left_out(tmp_path: Path, change: tuple[str, str]) -> None:
    copy_of_vietnamese(tmp_path, "tay", change)
    assert list(load_catalogues(tmp_path)) == ["vi"]
    with pytest.raises(KeyError):
        load_words("tay", tmp_path)


def test_a_language_file_that_is_no_toml_is_left_out(tmp_path: Path) -> None:
    copy_of_vietnamese(tmp_path, "tay", ('name = "Tiếng Việt"', "name = "))
    assert list(load_catalogues(tmp_path)) == ["vi"]


def test_all_words_are_in_composed_letters() -> None:
    import unicodedata

    for words in load_catalogues().values():
        for text in words.values():
            assert unicodedata.is_normalized("NFC", text)


def test_the_font_has_every_letter_of_every_language() -> None:
    from kiosk.screens.kivy_setup import FONTS

    used = {ord(c) for words in load_catalogues().values() for text in words.values() for c in text}
    used |= {ord(c) for c in "ƠơƯưĐđẶặẪẫỆệỖỗỢợỮữỴỵ"}
    for font in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"):
        assert used <= letters_of((FONTS / font).read_bytes()), font


def letters_of(font: bytes) -> set[int]:
    """Code points of a TrueType font's cmap, format 4 (OpenType, "cmap")."""
    import struct

    tables = struct.unpack_from(">H", font, 4)[0]
    for at in range(12, 12 + 16 * tables, 16):
        tag, _sum, start, _size = struct.unpack_from(">4sLLL", font, at)
        if tag == b"cmap":
            break
    for at in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = struct.unpack_from(">HHL", font, start + 4 + 8 * at)[2] + start
        if struct.unpack_from(">H", font, offset)[0] == 4:
            break
    count = struct.unpack_from(">H", font, offset + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, offset + 14)
    starts = struct.unpack_from(f">{count}H", font, offset + 16 + 2 * count)
    return {c for low, high in zip(starts, ends, strict=True) for c in range(low, high + 1)}
