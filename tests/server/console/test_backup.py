"""backup and restore: the same server elsewhere, in either database; and everything refused."""

import hashlib
import io
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from protocol.checkpoint import Checkpoint, sign_checkpoint
from server.backup.rows import reader, writer
from server.backup.tables import OF_DJANGO
from server.folder import Folder
from tests.server.kiosks import T0
from tests.server.votes.river import Station, enrol, new_station, new_unit, online

NAME = "test.hailong.invalid"
ODD_BYTES = b"\x00\xff\\N\n\t"


def _run(*argv: str) -> int:
    from server.__main__ import main

    return main(list(argv))


class Elsewhere:
    """Another machine: a folder and a database of its own, used through the command alone."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.environment = {
            **os.environ,
            "HAILONG_DATA": str(folder),
            "HAILONG_DATABASE_URL": url,
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """Its stderr and stdout; the exit code is `code`."""
        done = subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stderr + done.stdout

    def refuses(self, *arguments: str) -> str:
        """One sentence on stderr and exit code 2."""
        said = self.run(*arguments, code=2)
        assert len(said.strip().splitlines()) == 1, said
        return said

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """What is in a table, in any order that is always the same."""
        query = f"SELECT {columns} FROM {table}"  # noqa: S608 - our own tables
        if self.url:
            import psycopg

            with psycopg.connect(self.url) as connection:
                found = connection.execute(query).fetchall()
        else:
            with sqlite3.connect(self.folder / "server.sqlite3") as raw:
                found = raw.execute(query).fetchall()
        return sorted(found, key=repr)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Elsewhere]:
    """A machine with the same kind of database as the suite's."""
    if request.config.getoption("--database") == "sqlite":
        yield Elsewhere(tmp_path / "elsewhere", "")
        return
    import psycopg

    url, name = request.getfixturevalue("postgres_url"), f"hailong_else_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield Elsewhere(tmp_path / "elsewhere", urlunsplit(urlsplit(url)._replace(path=f"/{name}")))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def station() -> Station:
    """A unit with votes, a quarantined line, people, a configuration and an unused code."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from server.fleet.models import Configuration, EnrolmentCode, Kiosk
    from server.ingest.models import Quarantined
    from server.organisation.models import StaffAccount

    station = online(new_unit())
    duty = station.kiosk.duty("CB-1")
    for rating in (1, 2, 3, 4, 5):
        station.kiosk.vote(rating, duty=duty)
    station.send()
    assert _run("work", "--once") == 0
    kiosk = Kiosk.objects.get(id=station.kiosk.kiosk)
    kiosk.chosen = {"question": {"vi": 'Hài lòng\tkhông\\?\n"Có"'}}
    kiosk.save()
    for version in (1, 2):
        Configuration.objects.create(
            kiosk=kiosk, version=version, body=b'{"v":1}', note=b"", made_ms=T0, by="quan-tri"
        )
    EnrolmentCode.objects.create(code_hash="a" * 64, kiosk=kiosk, expires_ms=2**52)
    EnrolmentCode.objects.create(code_hash="b" * 64, kiosk=kiosk, expires_ms=T0, used_key="c" * 64)
    Quarantined.objects.create(
        unit=station.unit, journal=station.kiosk.journal, seq=9, sha256="d" * 64, body=ODD_BYTES
    )
    StaffAccount.objects.create(username="quản-trị", last_login=timezone.now(), is_active=False)
    Session.objects.create(session_key="e" * 32, session_data="x", expire_date=timezone.now())
    return station


@pytest.fixture
def files(station: Station, tmp_path: Path) -> tuple[Path, Path]:
    """The backup and the keys of the server that the station belongs to."""
    backup, keys = tmp_path / "tables.hailong", tmp_path / "keys.json"
    assert _run("backup", str(backup), "--keys", str(keys)) == 0
    return backup, keys


def test_a_backup_restored_on_another_machine_is_the_same_server(
    files: tuple[Path, Path], elsewhere: Elsewhere, station: Station, tmp_path: Path
) -> None:
    backup, keys = files
    told = elsewhere.run("restore", str(backup), "--keys", str(keys))
    assert "needs enrolment" in told
    assert Folder(elsewhere.folder).server_name == NAME
    elsewhere.run("check")
    # Once more there and back: what the other database wrote is read by SQLite and is the same.
    again, third = tmp_path / "again.hailong", Elsewhere(tmp_path / "third", "")
    elsewhere.run("backup", str(again))
    third.run("restore", str(again), "--keys", str(keys))
    third.run("check")
    # Configurations are signed anew and the deed is written down; Django's own lists of models are
    # what its migrations made, and another test may have emptied them here.
    changed = {"fleet_configuration", "ledger_serverrecord", "ledger_pending"} | OF_DJANGO
    assert _contents(again, without=changed) == _contents(backup, without=changed)
    lines = [bytes(body) for _, body in third.rows("ledger_line", "seq, body")]
    assert sorted(lines) == sorted(station.kiosk.lines)
    assert third.rows("ingest_quarantined", "body") == [(ODD_BYTES,)]


def _contents(backup: Path, *, without: set[str]) -> dict[str, list[bytes]]:
    """The rows of each table; JSON as it means, not as it is written; unused codes left out."""
    with zipfile.ZipFile(backup) as file:
        manifest = json.loads(file.read("manifest.json"))
        return {
            part["table"]: sorted(
                line.replace(b'": ', b'":').replace(b'", "', b'","')
                for line in file.read(f"tables/{part['table']}.copy").split(b"\n")
                if not line.startswith(b"a" * 64)
            )
            for part in manifest["parts"]
            if part["table"] not in without
        }


def test_a_restored_server_says_nothing_that_it_may_have_said_since_the_backup(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    """Configurations begin above all that kiosks may hold, even if one old backup is restored
    twice; codes that may have been used lapse; counters go on after the highest number."""
    newest = 2
    for options in (["--keys", str(files[1])], ["--force"]):
        elsewhere.run("restore", str(files[0]), *options)
        versions = [v for _, v in elsewhere.rows("fleet_configuration", "kiosk_id, version")]
        assert len(versions) == 3
        assert max(versions) > newest
        newest = max(versions) + 20  # published since
    assert elsewhere.rows("fleet_enrolmentcode", "code_hash") == [("b" * 64,)]
    subprocess.run(
        [sys.executable, "-m", "server", "admin", "moi"],
        env=elsewhere.environment, input="con ngua trang chay nhanh\n", text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert len(elsewhere.rows("organisation_staffaccount")) == 2


def test_orders_after_a_restore_have_numbers_that_no_kiosk_has_obeyed() -> None:
    from server.backup.after import begin_anew
    from server.fleet.orders import order_deed

    kiosk = online(new_unit()).kiosk.kiosk
    first = order_deed(kiosk=kiosk, what="restart", by="quan-tri", now_ms=T0)
    begin_anew(made_ms=T0 + 1_000_000, now_ms=0)  # by a clock that is wrong, too
    later = order_deed(kiosk=kiosk, what="selftest", by="quan-tri", now_ms=T0)
    assert (first, later > T0 + 1_000_000) == (1, True)


def test_neither_keys_nor_sessions_are_in_the_backup(
    files: tuple[Path, Path], server_folder: Path
) -> None:
    with zipfile.ZipFile(files[0]) as file:
        content = b"".join(file.read(name) for name in file.namelist())
        assert "tables/django_session.copy" not in file.namelist()
    for key in (server_folder / "keys").iterdir():
        assert key.read_bytes() not in content
        assert key.read_bytes().hex().encode() not in content
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600, 0o600]


def test_a_backup_never_replaces_another_unless_told(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = [path.read_bytes() for path in files]
    capsys.readouterr()
    assert _run("backup", str(files[0])) == 2
    assert _run("backup", str(files[0]) + "2", "--keys", str(files[1])) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2
    assert [path.read_bytes() for path in files] == before
    assert _run("backup", str(files[0]), "--force") == 0


def test_every_table_is_backed_up_or_named_as_left_out(files: tuple[Path, Path]) -> None:
    from django.apps import apps

    from server.backup.tables import LEFT_OUT

    with zipfile.ZipFile(files[0]) as file:
        parts = {Path(name).stem for name in file.namelist()} - {"manifest"}
    every = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    assert parts | LEFT_OUT == every


# The log --------------------------------------------------------------------------------------


def test_keys_that_came_by_rotation_go_with_the_others(
    station: Station, elsewhere: Elsewhere, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("log-key", "--rotate") == 0
    keys = tmp_path / "keys.json"
    assert _run("backup", str(tmp_path / "b"), "--keys", str(keys)) == 0
    capsys.readouterr()
    assert _run("log-key") == 0
    both = capsys.readouterr().out
    assert len(both.split()) == 2
    elsewhere.run("restore", str(tmp_path / "b"), "--keys", str(keys))
    assert elsewhere.run("log-key") == both


def test_a_restore_never_makes_the_log_forget_what_it_has_signed(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    """The folder is that of a server which signed more after the backup was made."""
    from django.conf import settings

    log = f"{NAME}/log"
    signed = sign_checkpoint(
        Checkpoint(log, 99, hashlib.sha256(b"").digest()), [settings.DATA.signing_key("log")]
    )
    elsewhere.folder.mkdir()
    (elsewhere.folder / "log-guard").write_bytes(signed)
    elsewhere.run("restore", str(files[0]), "--keys", str(files[1]))
    clock = elsewhere.folder.parent / "clock.json"  # a checkpoint is due
    clock.write_text(json.dumps({"ahead_ms": 10_000}))
    elsewhere.environment["HAILONG_TEST_CLOCK"] = str(clock)
    elsewhere.run("work", "--once")
    assert (elsewhere.folder / "log-guard").read_bytes() == signed
    told = elsewhere.run("check", code=1)
    assert "It signs no more. A checkpoint over 99 entries was signed here" in told
    assert "log-break" in told


# What is refused ----------------------------------------------------------------------------


def _changed(backup: Path, change: Callable[[dict[str, Any]], None], **parts: bytes) -> Path:
    """A backup with another manifest or other rows, which is whole by its own account."""
    made = backup.with_name(f"changed-{secrets.token_hex(4)}.hailong")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(made, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        for part in manifest["parts"]:
            rows = parts.get(part["table"], old.read(f"tables/{part['table']}.copy"))
            part |= {"rows": rows.count(b"\n"), "sha256": hashlib.sha256(rows).hexdigest()}
            new.writestr(f"tables/{part['table']}.copy", rows)
        change(manifest)
        new.writestr("manifest.json", json.dumps(manifest))
    return made


def test_a_damaged_backup_is_refused_wherever_the_damage_is(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    from server.backup.archive import Backup
    from server.folder import SetupError

    whole = files[0].read_bytes()
    with zipfile.ZipFile(files[0]) as file:
        part = next(i for i in file.infolist() if i.filename == "tables/ledger_line.copy")
    middle = part.header_offset + 100 + part.compress_size // 2
    damaged = tmp_path / "damaged"
    for content in (
        b"",
        b"no zip at all",
        whole[: len(whole) // 2],
        whole[:-1],
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
    ):
        damaged.write_bytes(content)
        with pytest.raises(SetupError, match="damaged"), Backup(damaged) as backup:
            backup.verify()
    missing = _changed(files[0], lambda manifest: manifest["parts"][0].update(rows=7))
    with pytest.raises(SetupError, match="damaged"), Backup(missing) as backup:
        backup.verify()


def test_what_does_not_belong_here_is_refused_and_changes_nothing(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    backup, keys = str(files[0]), str(files[1])
    assert "--keys" in elsewhere.refuses("restore", backup)
    assert "no file" in elsewhere.refuses("restore", backup + "x", "--keys", keys)
    other = Folder(elsewhere.folder)
    other.make(name="khac.example", sample=True)
    assert "khac.example" in elsewhere.refuses("restore", backup)
    assert "of its own" in elsewhere.refuses("restore", backup, "--keys", keys)
    toml = elsewhere.folder / "server.toml"
    toml.write_text(toml.read_text().replace("khac.example", NAME))
    assert "not those" in elsewhere.refuses("restore", backup)
    assert not (elsewhere.folder / "server.sqlite3").exists()


def test_a_database_that_holds_data_is_replaced_only_by_force(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    elsewhere.run("restore", str(files[0]), "--keys", str(files[1]))
    before = elsewhere.rows("fleet_configuration", "kiosk_id, version")
    assert "--force" in elsewhere.refuses("restore", str(files[0]))
    assert elsewhere.rows("fleet_configuration", "kiosk_id, version") == before
    (elsewhere.folder / "keys" / "pin").unlink()  # and keys that were lost come back
    if not elsewhere.url:  # nor is one that nobody can read, but then it is
        (elsewhere.folder / "server.sqlite3").write_bytes(b"\xff" * 100_000)
    assert "Cannot read" in elsewhere.refuses("restore", str(files[0]))
    elsewhere.run("restore", str(files[0]), "--force", "--keys", str(files[1]))
    elsewhere.run("check")


def test_a_server_that_runs_is_not_restored_under_its_feet(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    elsewhere.run("restore", str(files[0]), "--keys", str(files[1]))
    if elsewhere.url:
        import psycopg

        with psycopg.connect(elsewhere.url):
            assert "stop the server" in elsewhere.refuses("restore", str(files[0]), "--force")
        return
    from server.process import lock_folder

    with lock_folder(elsewhere.folder):
        assert "Another server" in elsewhere.refuses("restore", str(files[0]), "--force")


def test_a_backup_of_a_newer_version_or_format_is_refused(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    def from_the_future(manifest: dict[str, Any]) -> None:
        manifest["migrations"].append("ledger.9999_tomorrow")

    newer = _changed(files[0], from_the_future)
    assert "newer version" in elsewhere.refuses("restore", str(newer), "--keys", str(files[1]))
    newer = _changed(files[0], lambda manifest: manifest.update(v=2))
    assert "format 2" in elsewhere.refuses("restore", str(newer))


def test_a_backup_of_an_older_version_is_brought_to_this_one(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    """As it was before journals had a revoked_seq, and what came after it."""
    later = _needing(("ingest", "0002_revoked_seq"))
    columns = _columns_without(later)
    bodies, kept = {}, []
    with zipfile.ZipFile(files[0]) as file:
        parts = json.loads(file.read("manifest.json"))["parts"]
        for part in parts:
            names = [name for name, _ in part["columns"]]
            had = columns.get(part["table"], set())
            if not had or not had <= set(names):
                continue  # no such table then, or another one, whose rows are made anew
            kept.append(part["table"])
            rows = file.read(f"tables/{part['table']}.copy").splitlines()
            bodies[part["table"]] = b"".join(
                b"\t".join(v for v, n in zip(row.split(b"\t"), names, strict=True) if n in had)
                + b"\n"
                for row in rows
            )
    assert {"ledger_line", "ingest_journal", "fleet_kiosk"} <= set(kept)
    assert "revoked_seq" not in columns["ingest_journal"]

    def older(manifest: dict[str, Any]) -> None:
        manifest["migrations"] = [m for m in manifest["migrations"] if m not in later]
        manifest["parts"] = [part for part in manifest["parts"] if part["table"] in kept]
        for part in manifest["parts"]:
            had = columns[part["table"]]
            part["columns"] = [column for column in part["columns"] if column[0] in had]

    elsewhere.run("restore", str(_changed(files[0], older, **bodies)), "--keys", str(files[1]))
    elsewhere.run("check")
    assert elsewhere.rows("ingest_journal", "revoked_seq") == [(0,)]


def _columns_without(later: set[str]) -> dict[str, set[str]]:
    """The columns of every table as the migrations without `later` make them."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    loader = MigrationExecutor(connection).loader
    nodes = [node for node in loader.graph.nodes if ".".join(node) not in later]
    models = loader.project_state(nodes).apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: {
            str(field.column) for field in model._meta.local_concrete_fields if field.column
        }
        for model in models
    }


def _needing(node: tuple[str, str]) -> set[str]:
    """`app.name` of a migration and of all that come after it."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    graph = MigrationExecutor(connection).loader.graph
    return {".".join(later) for later in graph.backwards_plan(node)}


def test_a_restore_that_fails_half_way_leaves_what_was_there(
    files: tuple[Path, Path], elsewhere: Elsewhere
) -> None:
    elsewhere.run("restore", str(files[0]), "--keys", str(files[1]))
    before = elsewhere.rows("ledger_line"), elsewhere.rows("votes_vote")
    half = _changed(files[0], lambda _: None, votes_vote=b"one\ttwo\n")
    elsewhere.refuses("restore", str(half), "--force")
    assert (elsewhere.rows("ledger_line"), elsewhere.rows("votes_vote")) == before
    assert sorted(path.name for path in elsewhere.folder.glob("*restoring*")) == []


def test_a_keys_file_that_is_none_is_refused(
    files: tuple[Path, Path], elsewhere: Elsewhere, tmp_path: Path
) -> None:
    for content in (b"", b"{}", files[1].read_bytes()[:-100], files[0].read_bytes()):
        (tmp_path / "none").write_bytes(content)
        elsewhere.refuses("restore", str(files[0]), "--keys", str(tmp_path / "none"))
    assert not (elsewhere.folder / "server.toml").exists()


# Rows ---------------------------------------------------------------------------------------


def test_a_row_is_read_back_as_it_was_written() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    kinds = ("text", "int", "bool", "bytes", "instant", "json", "date")
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
    rows = st.tuples(
        st.none() | texts | st.just("\\N"), st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.integers(0, 1), st.none() | st.binary(),
        st.none() | st.datetimes().map(str), st.none() | texts, st.none() | st.dates().map(str),
    )  # fmt: skip

    @given(st.lists(rows, max_size=5))
    def check(written: list[tuple[Any, ...]]) -> None:
        write, read = writer(kinds), reader(kinds)
        stream = io.BytesIO(b"".join(map(write, written)))
        assert [tuple(read(line.rstrip(b"\n"))) for line in stream] == written

    check()


def test_journals_enrolled_since_are_unknown_and_say_so(station: Station) -> None:
    """What the restored server tells a kiosk that it has never heard of: enrol anew."""
    from server.ingest.journals import Refused, forget_journals
    from server.ingest.models import Journal

    later = enrol(new_station(station.unit, 2).kiosk.kiosk, station.unit, "x")
    later.kiosk.vote(5)
    Journal.objects.filter(journal=later.kiosk.journal).delete()  # as if the backup were older
    forget_journals()
    with pytest.raises(Refused) as refused:
        later.send()
    assert refused.value.word == "key"
