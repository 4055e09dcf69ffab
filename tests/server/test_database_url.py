"""HAILONG_DATABASE_URL: what it names, and one sentence for what it cannot."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from server.database_url import read_database
from server.folder import SetupError


def _read(url: str, folder: Path) -> dict[str, object]:
    return read_database(url, folder=folder, file=folder / "server.sqlite3")


def test_sqlite_after_four_slashes_begins_at_the_root_after_three_in_the_folder(
    tmp_path: Path,
) -> None:
    there = tmp_path / "a b.sqlite3"
    url = f"sqlite:///{tmp_path}/a%20b.sqlite3"
    assert _read(url, Path("/nowhere"))["NAME"] == there
    assert _read("sqlite:///a%20b.sqlite3", tmp_path)["NAME"] == there
    assert _read("", tmp_path)["NAME"] == tmp_path / "server.sqlite3"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_by_both_of_its_names(scheme: str, tmp_path: Path) -> None:
    found = _read(f"{scheme}://u:p%40@db:5433/hl?sslmode=require", tmp_path)
    names = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    assert [found[name] for name in names] == [
        "hl", "u", "p@", "db", "5433", {"sslmode": "require"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://x/y", "no database that we know"),
        ("server.sqlite3", "no database that we know"),
        ("sqlite://server.sqlite3", "no file for SQLite"),
        ("sqlite:///", "no file for SQLite"),
        ("sqlite:////tmp/x?mode=ro", "no file for SQLite"),
        ("sqlite:////tmp", "is a folder"),
        ("sqlite:////no/such/folder/x.sqlite3", "There is no folder /no/such/folder"),
        ("postgresql://host", "no PostgreSQL database"),
        ("postgresql://host:port/name", "cannot be read"),
        ("postgresql://host/name?wishes=many", "unknown option 'wishes'"),
    ],
)
def test_one_sentence_says_what_cannot_be(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as error:
        _read(url, tmp_path)
    assert says in str(error.value)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_init_makes_the_tables_in_the_file_that_was_named(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.sqlite3"
    env = {
        **os.environ, "HAILONG_DATA": str(tmp_path / "data"),
        "HAILONG_DATABASE_URL": f"sqlite:///{file}",
    }  # fmt: skip
    init = [sys.executable, "-m", "server", "init", "--name", "d.invalid"]
    subprocess.run(init, env=env, check=True, capture_output=True)
    assert not (tmp_path / "data" / "server.sqlite3").exists()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM votes_vote").fetchone() == (0,)
    connection.close()
