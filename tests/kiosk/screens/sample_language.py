"""A language made up for the tests, in a script and a font of its own: no real translation.

Its words are the Vietnamese ones with every letter replaced by some letter of the Tai Viet script.
"""

import re
import shutil
from pathlib import Path

import polib

from kiosk.locale import SOURCE, load_catalogues

CODE, NAME, FONT = "blt", "ꪼꪕ (mẫu)", "TaiHeritagePro-Regular.ttf"
TAI_VIET = [chr(n) for n in range(0xAA80, 0xAAAF)]
INSTALLED = Path("/usr/share/fonts/truetype/taiheritagepro")
"""Where Debian's package fonts-sil-taiheritagepro has them."""


def rewrite(text: str) -> str:
    """The text in Tai Viet letters; {places} and all that is no letter stay."""
    parts = re.split(r"(\{[a-z]+\})", text)
    return "".join(
        part if part.startswith("{") else re.sub(r"\w", lambda m: _letter(m[0]), part)
        for part in parts
    )


def write_language(folder: Path, code: str = CODE, **headers: str) -> polib.POFile:
    """Saves `<code>.po` in the folder, every word of it translated, and returns it."""
    headers = {"name": NAME, "font": FONT} | headers
    catalogue = polib.POFile(encoding="utf-8")
    catalogue.metadata = {
        "Language": code,
        "Content-Type": "text/plain; charset=utf-8",
        **{f"X-{key.title()}": value for key, value in headers.items() if value},
    }
    for key, text in load_catalogues()[SOURCE].items():
        if "." in key:
            catalogue.append(polib.POEntry(msgctxt=key, msgid=text, msgstr=rewrite(text)))
    folder.mkdir(exist_ok=True)
    catalogue.save(str(folder / f"{code}.po"))
    return catalogue


def add_fonts(folder: Path) -> None:
    """Copies the sample language's fonts there, regular and bold."""
    for font in (FONT, FONT.replace("Regular", "Bold")):
        shutil.copy(INSTALLED / font, folder)


def _letter(letter: str) -> str:
    return letter if letter.isdigit() else TAI_VIET[ord(letter) % len(TAI_VIET)]
