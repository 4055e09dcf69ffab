"""docs/protocol.md names every record type, problem, door and key that the code knows."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from protocol.configuration import Config
from protocol.deeds import DEEDS
from protocol.enrolment import Enrolled, EnrolmentRequest
from protocol.problems import PROBLEMS, WEAK_KEY, Receipt
from protocol.records import TYPES
from protocol.request import CONFIG_HEADER, HEAD_HEADER, HEADER, LOG_HEADER
from protocol.status import Diagnostics, Status, StatusDisk, StatusFault

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
KEYS = ("v", "journal", "seq", "prev", "boot", "mono_ms", "wall_ms", "sync", "salt", "type", "data")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table in a section."""
    section = PAGE.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|") and not line.startswith("| ---")
    ][1:]


def test_the_page_is_short_enough_to_be_read() -> None:
    assert len(PAGE.splitlines()) <= 270


def test_every_key_of_a_line_is_explained() -> None:
    assert re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("2."))) == [
        "v", "journal", "boot", *KEYS[2:4], *KEYS[5:]
    ]  # fmt: skip


def test_every_record_type_stands_in_its_table_with_all_its_keys() -> None:
    told = {name: row[1] for row in rows("3.") for name in re.findall(r"`([\w.]+)`", row[0])}
    assert set(told) == set(TYPES)
    for name, record in TYPES.items():
        given = set(re.findall(r'"(\w+)":', told[name].split('"counts"')[0]))
        given |= set(re.findall(r'"(counts|uptime_s|suppressed)":', told[name]))
        needed = {field.name for field in msgspec.structs.fields(record) if field.required}
        assert needed == given, name


def test_every_deed_of_the_server_stands_in_its_table_with_its_keys() -> None:
    records = [row for row in rows("10.") if row[1].startswith("`{")]
    told = {name: row[1].partition("}")[0] for row in records for name in words(row[0])}
    assert told.keys() == DEEDS.keys()
    for name, deed in DEEDS.items():
        fields = {field.encode_name for field in msgspec.structs.fields(deed)}
        assert set(re.findall(r'"(\w+)"', told[name])) == fields, name


def words(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


def test_an_examples_record_is_understood_where_it_is_complete() -> None:
    from protocol.records import understand

    for row in rows("3."):
        example = row[1].strip("`")
        if "…" not in example and "<" not in example:
            for name in re.findall(r"`([\w.]+)`", row[0]):
                understand(name, example.encode())


def test_every_problem_stands_in_the_table_with_its_status_and_members() -> None:
    told = {(int(row[0]), row[1].strip("`")): row[2] for row in rows("6.")}
    known = {(kind.status, word): kind for word, kind in PROBLEMS.items()}
    known[WEAK_KEY.status, "key"] = WEAK_KEY
    assert set(told) == set(known)
    for which, kind in known.items():
        assert set(kind.members or {}) == set(re.findall(r"`(\w+)`", told[which])) - {"detail"}


@pytest.mark.parametrize("kind", [Config, Enrolled, EnrolmentRequest, Receipt, Status, StatusDisk,
                                  StatusFault, Diagnostics])  # fmt: skip
def test_every_key_of_a_doors_body_is_named(kind: type[msgspec.Struct]) -> None:
    missing = [f.name for f in msgspec.structs.fields(kind) if f'"{f.name}"' not in PAGE]
    assert missing == []


@pytest.mark.parametrize("header", [HEADER, HEAD_HEADER, LOG_HEADER, CONFIG_HEADER])
def test_every_header_is_named(header: str) -> None:
    assert f"`{header}" in PAGE


def test_every_figure_and_outcome_is_the_codes() -> None:
    from protocol.cast_time import MAX_RTT_MS
    from protocol.journal import MAX_BODY_LINES, MAX_LINE_BYTES
    from protocol.request import MAX_SKEW_MS
    from protocol.status import MAX_DIAGNOSTICS_BYTES, MAX_STATUS_BYTES

    for figure in (MAX_RTT_MS, MAX_BODY_LINES, MAX_LINE_BYTES, MAX_SKEW_MS, MAX_STATUS_BYTES,
                   MAX_DIAGNOSTICS_BYTES):  # fmt: skip
        assert f"{figure:,}" in PAGE, figure
    schemas = json.dumps([msgspec.json.schema(record) for record in TYPES.values()])
    for words in re.findall(r'"enum": \[([^\]]+)\]', schemas):
        for word in json.loads(f"[{words}]"):
            assert f"`{word}`" in PAGE or f'"{word}"' in PAGE or str(word) in PAGE, word
