"""A new language with a script of its own, added as files: what the citizen really sees."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.locale import load_words, use_folder
from kiosk.locale.fonts import BUILT_IN, find_font
from tests.kiosk.screens.sample_language import (
    CODE,
    FONT,
    NAME,
    add_fonts,
    write_language,
)

BOTH = ("vi", CODE)
TAI_VIET = [chr(n) for n in range(0xAA80, 0xAA90)]
LATIN = list("aàạăắđêễioơợuưữyỳỹ")


@pytest.fixture
def folder(tmp_path: Path, opened_window: Any) -> Iterator[Path]:
    """The kiosk's own folder of languages, with the sample language and its fonts in it."""
    from kiosk.screens.fonts import runs_of

    folder = tmp_path / "locale"
    write_language(folder)
    add_fonts(folder)
    use_folder(folder)
    runs_of.cache_clear()
    yield folder
    use_folder(None)
    runs_of.cache_clear()


def texts_on(stage: Any) -> dict[str, Any]:
    from kiosk.screens.text import Text

    return {w.text: w for w in stage.root.walk() if isinstance(w, Text) and w.text}


def crop(stage: Any, widget: Any) -> bytes:
    """The widget's pixels in the window."""
    across, _ = stage.window.size
    x, y = (round(at) for at in widget.to_window(*widget.pos))
    width, height = (round(side) for side in widget.size)
    seen = stage.pixels()
    rows = (4 * (row * across + x) for row in range(y, y + height))
    return b"".join(seen[at : at + 4 * width] for at in rows)


def looks_of(stage: Any, text: Any, letters: list[str]) -> int:
    """How many different pictures a Text makes of the letters: one, if all are boxes."""
    before, looks = text.text, set()
    for letter in letters:
        text.text = letter * 3
        stage.step(2)
        looks.add(crop(stage, text))
    text.text = before
    stage.step(2)
    return len(looks)


def test_one_tap_leads_to_the_new_language_and_another_back(stage: Any, folder: Path) -> None:
    stage.show(locales=BOTH)
    vietnamese = stage.pixels()
    stage.tap(stage.key(NAME))
    assert ("locale", CODE) in stage.deeds
    stage.show(locale=CODE, locales=BOTH)
    assert stage.pixels() != vietnamese
    stage.tap(stage.key("Tiếng Việt"))
    assert stage.deeds[-1] == ("locale", "vi")
    stage.show(locales=BOTH)
    assert stage.pixels() == vietnamese


def test_the_new_language_is_shown_in_its_own_letters(stage: Any, folder: Path) -> None:
    words = load_words(CODE)
    stage.show(locale=CODE, locales=BOTH)
    shown = texts_on(stage)
    assert {words["asking.question"], words["rating.1"], words["asking.privacy"]} <= set(shown)
    question = shown[words["asking.question"]]
    assert looks_of(stage, question, TAI_VIET) == len(TAI_VIET)


def test_in_the_built_in_font_its_letters_would_all_be_the_same_box(
    stage: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.show(locale=CODE, locales=BOTH)
    from kiosk.screens.fonts import Run

    question = texts_on(stage)[load_words(CODE)["asking.question"]]
    monkeypatch.setattr("kiosk.screens.text.runs_of", lambda *_: (Run(str(BUILT_IN), ""),))
    assert looks_of(stage, question, TAI_VIET) == 1


def test_the_key_shows_the_next_languages_name_in_its_font(stage: Any, folder: Path) -> None:
    stage.show(locales=BOTH)
    name = texts_on(stage)[NAME]
    assert looks_of(stage, name, TAI_VIET) == len(TAI_VIET)


def test_vietnamese_names_look_the_same_in_every_language(stage: Any, folder: Path) -> None:
    stage.show(locales=BOTH)
    vietnamese = crop(stage, texts_on(stage)["Quầy số 1"])
    stage.show(locale=CODE, locales=BOTH)
    assert crop(stage, texts_on(stage)["Quầy số 1"]) == vietnamese


def test_a_sentence_in_two_scripts_is_drawn_in_two_fonts(stage: Any, folder: Path) -> None:
    stage.show(locale=CODE, locales=BOTH)
    question = texts_on(stage)[load_words(CODE)["asking.question"]]
    assert looks_of(stage, question, [f"ꪀꪁ {letter}" for letter in LATIN]) == len(LATIN)
    assert looks_of(stage, question, [f"{letter} Mỹ" for letter in TAI_VIET]) == len(TAI_VIET)


def test_a_text_is_cut_into_as_few_pieces_as_it_needs_fonts(stage: Any, folder: Path) -> None:
    from kiosk.screens.fonts import runs_of

    own, built_in = str(folder / FONT), str(BUILT_IN)
    assert runs_of("") == ((built_in, ""),)
    assert runs_of("Quỳnh?") == ((built_in, "Quỳnh?"),)
    assert runs_of("ꪀꪁ, ꪂ?") == ((own, "ꪀꪁ, ꪂ?"),)
    assert runs_of("ꪀꪁ ꪂ: Lê Quỳnh") == ((own, "ꪀꪁ ꪂ: "), (built_in, "Lê Quỳnh"))
    assert runs_of("ꪀỹꪁ") == ((own, "ꪀ"), (built_in, "ỹ"), (own, "ꪁ"))
    assert runs_of("一 ꪀ") == ((built_in, "一 "), (own, "ꪀ"))


def test_brackets_in_a_sentence_of_two_scripts_are_brackets(stage: Any, folder: Path) -> None:
    stage.show(locale=CODE, locales=BOTH)
    question = texts_on(stage)[load_words(CODE)["asking.question"]]
    assert looks_of(stage, question, ["ꪀ ỹ", "ꪀ [b]ỹ", "ꪀ &amp;ỹ", "ꪀ &ỹ"]) == 4


def test_words_in_two_fonts_are_measured_and_shrunk_until_they_are_whole(
    stage: Any, folder: Path
) -> None:
    from kivy.core.text import Label

    stage.show(locale=CODE, locales=BOTH)
    question = texts_on(stage)[load_words(CODE)["asking.question"]]
    question.text = "ꪀꪁ Quỳnh"
    stage.step(2)
    assert question.markup
    one_line = question.texture_size[1]
    assert question.font_size == question.px
    question.text = "ꪀꪁ" * 10 + "-" + "ỳỹ" * 12
    stage.step(2)
    assert question.font_size < question.px
    assert question.is_whole()
    alone = Label(font_name=str(BUILT_IN), font_size=question.font_size, bold=True)
    assert question._across("ỳỹ" * 12) == alone.get_extents("ỳỹ" * 12)[0]
    assert question.texture_size[1] < one_line
    question.text = "ꪀꪁ"
    stage.step(2)
    assert not question.markup
    assert question.font_size == question.px


def test_every_rating_is_still_its_rating_in_the_new_language(stage: Any, folder: Path) -> None:
    stage.show(locale=CODE, locales=BOTH)
    for rating in (1, 2, 3, 4, 5):
        touch = stage.finger(*stage.face(rating).center)
        touch.touch_down()
        assert stage.deeds[-1] == ("face", rating, "touch")
        touch.touch_up()
    assert len({stage.face(rating).ids.word.font_size for rating in (1, 2, 3, 4, 5)}) == 1


def test_an_unfinished_one_is_not_offered(stage: Any, folder: Path) -> None:
    catalogue = write_language(folder)
    catalogue.find("asking.question", by="msgctxt").msgstr = ""
    catalogue.save(str(folder / f"{CODE}.po"))
    use_folder(folder)
    stage.show(locales=BOTH)
    assert NAME not in texts_on(stage)
    stage.show(locale=CODE, locales=BOTH)
    assert load_words("vi")["asking.question"] in texts_on(stage)


def test_a_font_that_cannot_be_opened_is_replaced_and_the_kiosk_goes_on(
    stage: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / FONT
    path.write_bytes(without_head(path.read_bytes()))
    assert find_font(FONT, beside=folder) == str(path)  # its letters alone are readable
    stage.show(locale=CODE, locales=BOTH)
    shown = texts_on(stage)
    question = shown[load_words(CODE)["asking.question"]]
    assert question.font_name == str(BUILT_IN)
    assert looks_of(stage, shown["Quầy số 1"], LATIN) == len(LATIN)
    assert f"{FONT} cannot be used" in caplog.text


def without_head(font: bytes) -> bytes:
    """The font with its "head" table overwritten."""
    at = font.index(b"head")
    start, size = (int.from_bytes(font[n : n + 4]) for n in (at + 8, at + 12))
    return font[:start] + b"\xff" * size + font[start + size :]


def test_without_the_built_in_font_kivys_own_takes_its_place(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.screens import fonts

    gone = BUILT_IN.with_name("Gone-Regular.ttf")
    for module in ("kiosk.screens.fonts", "kiosk.locale.fonts", "kiosk.locale.catalogue"):
        monkeypatch.setattr(f"{module}.BUILT_IN", gone)
    fonts.runs_of.cache_clear()
    use_folder(None)
    assert fonts.runs_of("Hài lòng") == (("Roboto", "Hài lòng"),)
    assert load_words("en")["name"] == "English"
    fonts.runs_of.cache_clear()
