"""Reading what the pages say and what the English catalogue answers, without gettext's tools."""

import ast
import re
from pathlib import Path

from django.utils.translation.template import templatize

WEB = Path(__file__).parents[3] / "server" / "web"
IMPORTING = WEB.parent / "importing"  # its sentences are read on a page
CATALOGUE = WEB / "locale" / "en" / "LC_MESSAGES"
CALLS = {"gettext", "gettext_lazy", "gettext_noop", "_", "N_"}
_IN_TEMPLATE = re.compile(
    r"gettext\(u?((?:'(?:[^'\\]|\\.)*')|(?:\"(?:[^\"\\]|\\.)*\"))\)|"
    r"\b_\(((?:'(?:[^'\\]|\\.)*')|(?:\"(?:[^\"\\]|\\.)*\"))\)"
)


def msgids() -> set[str]:
    """Every Vietnamese text that is marked for translation."""
    found: set[str] = set()
    for path in WEB.rglob("*.html"):
        source = templatize(path.read_text(encoding="utf-8"))
        for match in _IN_TEMPLATE.finditer(source):
            found.add(ast.literal_eval(match[1] or match[2]))
    for path in (*WEB.rglob("*.py"), *IMPORTING.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    found.add(text.value)
    return found


def read_po(path: Path) -> dict[str, str]:
    """msgid -> msgstr of a .po file without plurals and contexts; fuzzy entries are refused."""
    entries: dict[str, str] = {}
    parts = {"msgid": "", "msgstr": ""}
    part = ""
    for line in [*path.read_text(encoding="utf-8").splitlines(), 'msgid ""']:
        assert not line.startswith("#, fuzzy"), f"{path.name} has a fuzzy entry"
        match = re.fullmatch(r'(?:(msgid|msgstr) )?(".*")', line)
        if not match:
            continue
        if match[1] == "msgid" and part:
            entries[parts["msgid"]] = parts["msgstr"]
            parts = {"msgid": "", "msgstr": ""}
        part = match[1] or part
        parts[part] += ast.literal_eval(match[2])
    return entries
