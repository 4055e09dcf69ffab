"""The words: complete in every language offered, and the same as everywhere else."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unicodedata import is_normalized

import polib
import pytest

from kiosk import locale
from kiosk.locale import load_catalogues, load_words, use_folder
from kiosk.locale.fonts import ASSETS, BUILT_IN, letters, missing_letters
from protocol.rating import WORDS
from tests.kiosk.screens.sample_language import CODE, INSTALLED, NAME, add_fonts, write_language

ENGLISH = Path(locale.__file__).with_name("en.po")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The kiosk's own folder of languages, with the sample language and its fonts in it."""
    folder = tmp_path / "locale"
    write_language(folder)
    add_fonts(folder)
    yield folder
    use_folder(None)


def offered(folder: Path) -> list[str]:
    use_folder(folder)
    return list(load_catalogues())


def test_vietnamese_and_english_are_complete_and_vietnamese_is_first() -> None:
    assert list(load_catalogues()) == ["vi", "en"]


@pytest.mark.parametrize("code", ["vi", "en"])
def test_the_words_of_the_ratings_are_those_of_the_protocol(code: str) -> None:
    words = load_words(code)
    for rating, named in WORDS.items():
        assert words[f"rating.{rating}"].replace("\xa0", " ") == named[code]


def test_adding_a_language_is_adding_files(folder: Path) -> None:
    assert offered(folder) == ["vi", "en", CODE]
    words = load_words(CODE)
    assert words["name"] == NAME
    assert words["font"] == str(folder / "TaiHeritagePro-Regular.ttf")
    assert set(words) == set(load_words("vi"))


def test_a_font_may_also_lie_among_the_kiosks_own(folder: Path) -> None:
    write_language(folder, font="NotoSans-Bold.ttf")
    use_folder(folder)
    write_latin(folder, "tay", font="NotoSans-Bold.ttf")
    assert load_words("tay")["font"] == str(ASSETS / "NotoSans-Bold.ttf")


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert offered(tmp_path / "none") == ["vi", "en"]
    use_folder(None)


def test_a_finished_file_goes_before_the_built_in_one_of_its_language(folder: Path) -> None:
    catalogue = polib.pofile(str(ENGLISH))
    catalogue.metadata["X-Name"] = "English of this province"
    catalogue.save(str(folder / "en.po"))
    assert offered(folder) == ["vi", "en", CODE]
    assert load_words("en")["name"] == "English of this province"
    catalogue[3].msgstr = ""
    catalogue.save(str(folder / "en.po"))
    assert offered(folder) == ["vi", "en", CODE]
    assert load_words("en")["name"] == "English"


Change = Callable[[polib.POFile, polib.POEntry], object]
UNFINISHED: dict[str, tuple[Change, str]] = {
    "no entry": (lambda file, entry: file.remove(entry), "not translated"),
    "no words": (lambda _, entry: setattr(entry, "msgstr", ""), "not translated"),
    "a space": (lambda _, entry: setattr(entry, "msgstr", " \u00a0"), "not translated"),
    "fuzzy": (lambda _, entry: entry.flags.append("fuzzy"), "marked as fuzzy"),
    "outdated": (
        lambda _, entry: setattr(entry, "msgid", "Mã của {name}"),
        "outdated, the Vietnamese is now “Mã PIN của {name}”",
    ),
    "no longer used": (lambda _, entry: setattr(entry, "obsolete", True), "not translated"),
    "no place": (
        lambda _, entry: setattr(entry, "msgstr", "PIN"),
        "the Vietnamese has {name}, this has no {place}",
    ),
    "another place": (
        lambda _, entry: setattr(entry, "msgstr", "PIN {ten}"),
        "the Vietnamese has {name}, this has {ten}",
    ),
    "a place with a format": (
        lambda _, entry: setattr(entry, "msgstr", "PIN {name:>9}"),
        "the Vietnamese has {name}, this has {name>9}",
    ),
    "half a place": (
        lambda _, entry: setattr(entry, "msgstr", "PIN {name} }"),
        "a brace is open or closed alone",
    ),
}


@pytest.mark.parametrize("case", UNFINISHED)
def test_an_unfinished_language_is_not_offered(
    folder: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    change, why = UNFINISHED[case]
    catalogue = write_language(folder)
    change(catalogue, catalogue.find("sign_in.pin", by="msgctxt"))
    catalogue.save(str(folder / f"{CODE}.po"))
    assert offered(folder) == ["vi", "en"]
    with pytest.raises(KeyError):
        load_words(CODE)
    (told,) = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert told.startswith(f"{CODE}.po is not offered. sign_in.pin: ")
    assert why in told


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda po: po.write_bytes(b"\xff\xfe" + po.read_bytes()), "It is not readable"),
        (lambda po: po.write_text("what is this?"), "It is not readable"),
        (lambda po: po.write_text(""), "X-Name: the header does not name the language"),
        (lambda po: po.unlink() or po.mkdir(), "It is not readable"),
        (lambda po: po.write_text("#\n" * 600_000), "larger than 1000000 bytes"),
        (lambda po: po.rename(po.with_name("Tai Dam.po")), "not a language's code"),
        (lambda po: po.rename(po.with_name("vi.po")), "not a language's code"),
        (lambda po: write_language(po.parent, name=""), "X-Name"),
        (lambda po: write_language(po.parent, font=""), "letters are in no font, among them ꪁ"),
        (lambda po: write_language(po.parent, font="x.ttf"), "no usable font file x.ttf"),
    ],
)
def test_a_file_that_cannot_be_used_is_left_out_and_said_so(
    folder: Path, spoil: Callable[[Path], object], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(folder / f"{CODE}.po")
    assert offered(folder) == ["vi", "en"]
    assert why in caplog.text


def write_latin(folder: Path, code: str, **headers: str) -> None:
    """A language with Latin letters: the built-in font has them."""
    catalogue = write_language(folder, code, **{"name": "Tày (mẫu)", **headers})
    for entry in catalogue:
        entry.msgstr = entry.msgid + "."
    catalogue.save(str(folder / f"{code}.po"))
    use_folder(folder)


@pytest.mark.parametrize("font", [b"", b"no font at all", b"\0\1\0\0\xff\xff", "cut short"])
def test_without_its_font_a_language_of_latin_letters_is_offered_in_the_built_in_one(
    folder: Path, font: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (INSTALLED / "TaiHeritagePro-Regular.ttf").read_bytes()
    (folder / "Broken.ttf").write_bytes(font if isinstance(font, bytes) else whole[:200_000])
    write_latin(folder, "tay", font="Broken.ttf")
    assert load_words("tay")["font"] == ""
    assert "tay.po: X-Font: there is no usable font file Broken.ttf" in caplog.text


def test_letters_are_composed_whoever_typed_them(folder: Path) -> None:
    catalogue = write_language(folder, "tay", name="Tày", font="")
    for entry in catalogue:
        entry.msgstr = entry.msgid.replace("à", "a\u0300")
    catalogue.save(str(folder / "tay.po"))
    use_folder(folder)
    assert load_words("tay") == {**load_words("vi"), "name": "Tày", "voice": ""}


def test_all_words_are_in_composed_letters() -> None:
    for words in load_catalogues().values():
        assert all(is_normalized("NFC", text) for text in words.values())


def test_the_font_has_every_letter_of_every_language() -> None:
    used = "".join(text for words in load_catalogues().values() for text in words.values())
    for font in (str(BUILT_IN), str(ASSETS / "NotoSans-Bold.ttf")):
        assert not missing_letters(used + "ƠơƯưĐđẶặẪẫỆệỖỗỢợỮữỴỵ", font)


def test_the_letters_of_a_font_are_those_that_fontconfig_finds() -> None:
    font = str(INSTALLED / "TaiHeritagePro-Regular.ttf")
    done = subprocess.run(
        ["fc-query", "-f", "%{charset}", font], capture_output=True, text=True, check=True
    )
    found = set()
    for part in done.stdout.split():
        low, _, high = part.partition("-")
        found |= set(range(int(low, 16), int(high or low, 16) + 1))
    assert {n for n in letters(font) if n >= 0x20} == found


def check(path: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk.locale", "check", str(path)], capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_translator_is_told_what_is_missing_in_one_line_each(folder: Path) -> None:
    path = folder / f"{CODE}.po"
    assert check(path) == (0, [f"{path.name}: {NAME} is complete."])
    catalogue = write_language(folder, name="")
    catalogue.find("rating.5", by="msgctxt").msgstr = ""
    catalogue.find("sign_in.pin", by="msgctxt").msgstr = "PIN"
    catalogue.save(str(path))
    assert check(path) == (
        1,
        [
            "blt.po: X-Name: the header does not name the language",
            "blt.po: rating.5: not translated",
            "blt.po: sign_in.pin: the Vietnamese has {name}, this has no {place}",
        ],
    )


def test_the_built_in_english_passes_the_translators_check() -> None:
    assert check(ENGLISH) == (0, ["en.po: English is complete."])
