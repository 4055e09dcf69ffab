"""Vietnamese first, English by a switch, and no text without a translation."""

import gettext
from typing import Any

import pytest
from django.test import Client

from tests.server.web.catalogue import CATALOGUE, msgids, read_po

pytestmark = pytest.mark.one_database


def test_every_text_has_its_english_and_no_english_is_left_over() -> None:
    entries = {
        source: english for source, english in read_po(CATALOGUE / "django.po").items() if source
    }
    assert set(entries) == msgids()
    assert [source for source, english in entries.items() if not english] == []


def test_the_compiled_catalogue_is_the_readable_one() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    readable = read_po(CATALOGUE / "django.po")
    # msgfmt -o django.mo django.po
    assert {source: compiled.gettext(source) for source in readable if source} == {
        source: english for source, english in readable.items() if source
    }
    assert compiled.info()["content-type"] == "text/plain; charset=UTF-8"


def test_placeholders_survive_translation() -> None:
    import re

    for source, english in read_po(CATALOGUE / "django.po").items():
        holes = re.compile(r"%\(\w+\)s|\{\w+\}|%%")
        assert sorted(holes.findall(source)) == sorted(holes.findall(english)), source


@pytest.mark.usefixtures("office")
def test_vietnamese_comes_first_whatever_the_computer_asks_for() -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en-US,en;q=0.9").get("/login/")
    assert '<html lang="vi">' in page.content.decode()
    assert page.headers["Content-Language"] == "vi"


@pytest.mark.usefixtures("busy_office")
def test_the_switch_turns_every_page_to_english_and_back(reader: Any) -> None:
    client = reader("supervisor")
    page = "/units/99001/?from=2025-11&to=2025-11"
    reply = client.post("/language/", {"language": "en", "next": page})
    assert reply.headers["Location"] == page
    english = client.get(page).content.decode()
    assert '<html lang="en">' in english
    assert "Share satisfied" in english and "November 2025" in english
    assert "Tỷ lệ hài lòng" not in english
    assert "There is no such page" in client.get("/nothing/").content.decode()
    client.post("/language/", {"language": "vi", "next": page})
    assert "Tỷ lệ hài lòng" in client.get(page).content.decode()


@pytest.mark.usefixtures("office")
def test_an_unknown_language_and_a_foreign_address_change_nothing() -> None:
    client = Client()
    reply = client.post("/language/", {"language": "xx", "next": "https://example.org/"})
    assert reply.headers["Location"] == "/"
    assert '<html lang="vi">' in client.get("/login/").content.decode()
    for language in ("../../etc", "en\0", "\xe9n"):
        client.cookies["django_language"] = language
        assert '<html lang="vi">' in client.get("/login/").content.decode()
