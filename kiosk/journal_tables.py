"""The journal's tables, step by step: an old file gets what it lacks (sqlite-utils migrations)."""

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("journal")


@migrations()  # type: ignore[untyped-decorator]  # sqlite-utils is untyped here
def create_journal(db: Database) -> None:
    """`state`: enrolling, open, forked, closed, revoked, key, old-copy or pruned; `clean`: the
    last run ended by its own will; `code_hash`: which code enrolled it, to repeat that exactly."""
    db.conn.execute(
        "create table journal (only integer primary key check (only = 1), uuid text not null,"
        " kiosk text, name text, server text, public_key blob not null, log_key text,"
        " config_key text, enrolled_ms integer, code_hash text, acked integer not null default 0,"
        " state text not null default 'enrolling', clean integer not null default 1) strict"
    )
    db.conn.execute(
        "create table line (seq integer primary key, body blob not null, hash blob not null,"
        " type text not null) strict"
    )
    # Looked up at every start, among a hundred thousand votes.
    db.conn.execute(
        "create index line_rare on line (type, seq) where type in"
        " ('duty.started', 'duty.ended', 'clock')"
    )
    # The notes that vouch for config.json: the newest, and older ones until the file is in place.
    db.conn.execute(
        "create table config_note (version integer primary key, note blob not null) strict"
    )


@migrations()  # type: ignore[untyped-decorator]
def care_for_years(db: Database) -> None:
    """`pruned`: lines up to here were deleted, `pruned_hash` is the hash of the last of them;
    `ordered`: the highest order that was dealt with; `days_seq`: lines up to here belong to days
    that have their record."""
    for column in (
        "pruned integer not null default 0", "pruned_hash blob",
        "ordered integer not null default 0", "days_seq integer not null default 0",
    ):  # fmt: skip
        db.conn.execute(f"alter table journal add column {column}")
    # Which dates have their record, and which order was the last: among a hundred thousand votes.
    db.conn.execute("create index line_day on line (type, seq) where type in ('day', 'order')")
    # When the server had acknowledged how much, by its own time; about one mark a day.
    db.conn.execute(
        "create table acked_mark (seq integer primary key, at_ms integer not null) strict"
    )
    # From when to when the program ran, in milliseconds of that boot; `offset_ms` makes it UTC.
    db.conn.execute(
        "create table run (id integer primary key, boot text not null, from_ms integer not null,"
        " to_ms integer not null, offset_ms integer) strict"
    )


@migrations()  # type: ignore[untyped-decorator]
def witness_the_log(db: Database) -> None:
    """What this kiosk has verified of the server's log; the columns: kiosk.log_memory. In this file
    and not beside it, so that what may be pruned is decided in one transaction with it, and a
    journal that is set aside keeps what was proved of it."""
    db.conn.execute(
        "create table log (only integer primary key check (only = 1), checkpoint blob,"
        " proved integer not null default 0, contact_ms integer not null default 0,"
        " front integer not null default 0, front_since_ms integer not null default 0,"
        " next_ms integer not null default 0, next_contact_ms integer not null default 0,"
        " missing integer, contradicted_ms integer) strict"
    )
    db.conn.execute("insert into log (only) values (1)")
    # Beside journal.log_key: keys that rotation notes have handed over.
    db.conn.execute("create table log_key (vkey text primary key) strict")
    db.conn.execute(
        "create index line_log on line (type, seq) where type in ('checkpoint', 'contradiction')"
    )


def apply(con: sqlite3.Connection) -> None:
    """Takes the steps that this file has not seen; may be called again."""
    migrations.apply(Database(con))
