"""Sending against a real HTTP server: what is lost on the way is sent again, the same bytes."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import sync
from kiosk.clock import Clock
from kiosk.config import load_config, load_key, load_settings
from kiosk.door import Door
from kiosk.journal_file import Journal
from kiosk.journal_store import Writer
from kiosk.sync import Sender, retry_after_s
from protocol.journal import line_hash, read_head, sign_head
from protocol.keys import b64, unb64
from protocol.problems import problem
from protocol.records import Test
from protocol.request import HEAD_HEADER

PORTAL = (200, "text/html", b"<html>Please accept our terms</html>", {})
PROBLEM = "application/problem+json"


class Unit:
    """A journal, its writer and its sender, as `run` puts them together."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self.journal, self.writer, self.clock = Journal(folder), Writer(folder), clock or Clock()
        row = self.journal.row()
        self.key = load_key(folder, row)
        self.door = Door(
            load_settings(folder).server, kiosk=row.kiosk or "", server=row.server or "",
            key=self.key, clock=self.clock,
        )  # fmt: skip
        self.sender = Sender(
            folder, self.journal, self.door, key=self.key, clock=self.clock, writer=self.writer,
            held=load_config(folder, self.journal),
        )  # fmt: skip

    def vote(self, count: int = 1) -> None:
        kept = [self.writer.append(Test(rating=4), self.clock.read()) for _ in range(count)]
        kept[-1].result()

    def round(self) -> bool:
        self.sender.not_before = 0
        return self.sender.round()

    @property
    def state(self) -> str:
        return self.journal.row().state

    @property
    def acked(self) -> int:
        return self.journal.row().acked

    def close(self) -> None:
        self.writer.close()
        self.door.close()
        self.journal.close()


@pytest.fixture
def unit(enrolled: Path) -> Iterator[Unit]:
    opened = Unit(enrolled)
    yield opened
    opened.close()


def bodies(server: Any) -> list[bytes]:
    return [raw for method, _, _, raw in server.requests if method == "POST"]


def test_lines_go_out_and_the_receipt_marks_them(server: Any, unit: Unit) -> None:
    unit.vote(3)
    assert unit.round()
    assert unit.acked == unit.journal.head().seq == len(server.seqs())
    assert unit.sender.unsent() == 0


def test_the_first_contact_of_a_boot_is_written_down_once(server: Any, unit: Unit) -> None:
    unit.round()
    unit.round()
    assert unit.journal.count("clock") == 1
    again = Unit(unit.folder)  # the program starts anew, the operating system does not
    again.round()
    assert again.journal.count("clock") == 1
    again.close()


def test_a_clock_that_moved_by_over_500_ms_is_written_down_again(server: Any, unit: Unit) -> None:
    unit.round()
    server.skew_ms = 3_600_000
    unit.round()
    assert unit.journal.count("clock") == 1 + 1


def test_a_lost_receipt_costs_a_repeat_of_the_same_bytes(server: Any, unit: Unit) -> None:
    assert unit.round()
    unit.vote(3)
    server.requests.clear()
    server.answers.append("lose")
    assert not unit.round()
    assert unit.acked == 1
    assert server.seqs() == [1, 2, 3, 4]
    assert unit.round()
    first, second, *_ = bodies(server)
    assert first == second
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))


def test_a_server_that_is_away_and_comes_back_gets_everything(server: Any, unit: Unit) -> None:
    unit.vote(2)
    server.answers.extend(["reset"] * 3)
    for _ in range(3):
        assert not unit.round()
        assert unit.sender.health.offline
        assert unit.sender.not_before > 0
    unit.vote(2)
    assert unit.round()
    assert not unit.sender.health.offline
    assert len(server.seqs()) == unit.journal.head().seq


@pytest.mark.parametrize(
    "answer",
    [
        PORTAL,
        (302, "text/html", b"", {"Location": "http://portal.example/"}),
        (200, "application/json", b'{"ok":true}', {}),
        (200, "application/json", b"[]", {}),
        (200, PROBLEM, b"{}", {}),
        (204, "application/json", b"", {}),
        (500, "application/json", b'{"acked":5,"server_ms":5,"config":null,"checkpoint":null}', {}),
        (503, "text/html", b"<h1>Bad gateway</h1>", {"Retry-After": "3000"}),
        (403, PROBLEM, b'{"type":"urn:hailong:problem:unheard","status":403}', {}),
        (409, PROBLEM, b'{"type":"urn:hailong:problem:gap","status":409}', {}),
        (200, "application/json", b"x" * (2 << 20), {}),
    ],
)
def test_what_is_no_answer_changes_nothing(
    server: Any, unit: Unit, answer: tuple[Any, ...]
) -> None:
    unit.vote(2)
    server.answers.append(answer)
    assert not unit.round()
    assert (unit.acked, unit.state, unit.sender.health.offline) == (0, "open", True)
    assert unit.round()


def test_long_queues_go_out_in_batches_with_a_head_each(server: Any, unit: Unit) -> None:
    unit.vote(1203)
    assert unit.round()
    sizes = [raw.count(b"\n") + 1 for raw in map(inflate, bodies(server))]
    assert sizes[0] < sizes[1] <= 500  # the first asks how the connection is
    assert len(sizes) <= 6
    assert len(server.seqs()) == unit.journal.head().seq


def inflate(raw: bytes) -> bytes:
    import gzip

    return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw


def test_a_heartbeat_is_empty_and_signed(server: Any, unit: Unit) -> None:
    unit.round()
    server.requests.clear()
    assert unit.round()
    assert bodies(server) == [b""]


def test_a_restored_server_says_gap_and_gets_the_lines_again(server: Any, unit: Unit) -> None:
    unit.vote(5)
    unit.round()
    del server.lines[2:]
    assert unit.round()
    assert len(server.seqs()) == unit.journal.head().seq == unit.acked


def test_a_server_that_only_ever_says_gap_is_not_asked_in_a_loop(server: Any, unit: Unit) -> None:
    unit.vote(9)
    for expected in (3, 5) * 5:
        server.answers.append((409, PROBLEM, problem("gap", expected=expected)[1], {}))
    assert not unit.round()
    assert len(bodies(server)) <= 4


def foreign_head(unit: Unit, seq: int, key: Any = None) -> str:
    row = unit.journal.row()
    note = sign_head(
        kiosk=row.kiosk or "", journal=row.uuid, seq=seq, hash=b"\1" * 32, key=key or unit.key
    )
    return b64(note)


def say_fork(server: Any, head: str) -> None:
    server.answers.append((409, PROBLEM, problem("fork", seq=1, head=head)[1], {}))


def test_a_proved_fork_is_believed_and_votes_are_still_taken(server: Any, unit: Unit) -> None:
    unit.vote(2)
    say_fork(server, foreign_head(unit, 2))
    assert not unit.round()
    assert unit.state == "forked"
    assert unit.sender.health.defect
    unit.vote()
    assert unit.journal.count("test") == 3


def test_a_fork_without_proof_is_no_answer(server: Any, unit: Unit) -> None:
    from protocol.keys import new_key

    unit.vote(2)
    row, own = unit.journal.row(), unit.journal.hash_at(2)
    mine = sign_head(kiosk=row.kiosk or "", journal=row.uuid, seq=2, hash=own or b"", key=unit.key)
    for head in (foreign_head(unit, 2, new_key()), b64(mine), b64(b"nonsense"), "%"):
        say_fork(server, head)
        assert not unit.round()
        assert unit.state == "open"


def test_a_forked_journal_is_asked_about_by_heartbeat_and_heals(server: Any, unit: Unit) -> None:
    unit.vote(2)
    say_fork(server, foreign_head(unit, 2))
    unit.round()
    assert unit.round()  # the server has changed its mind
    assert unit.state == "open"
    assert b"" in bodies(server)


def test_a_fork_that_was_proved_is_not_doubted_when_the_server_shows_this_cards_own_head(
    server: Any, unit: Unit
) -> None:
    """The copy whose branch was not stored: what it signed is the record of the fork."""
    unit.vote(2)
    assert unit.round()
    unit.vote(2)
    say_fork(server, foreign_head(unit, 2))
    unit.round()
    seq = unit.journal.head().seq
    own = unit.journal.hash_at(seq) or b""
    row = unit.journal.row()
    mine = sign_head(kiosk=row.kiosk or "", journal=row.uuid, seq=seq, hash=own, key=unit.key)
    say_fork(server, b64(mine))
    assert not unit.round()
    assert (unit.state, unit.sender.health.offline) == ("forked", False)  # it hands over
    assert unit.sender.not_before > time.monotonic() + 1800
    signed = unb64(server.requests[-1][2][HEAD_HEADER])
    assert read_head(signed)[2].seq == seq  # its own branch, not what both share


def say_ahead(server: Any, acked: int = 40, at_ms: int | None = None) -> None:
    changes = {"acked": acked} | ({} if at_ms is None else {"server_ms": at_ms})
    server.answers.append((200, "application/json", server.receipt(**changes), {}))


def become_old_copy(server: Any, unit: Unit) -> None:
    """The server says twice that it has more, and its clock goes on."""
    say_ahead(server)
    assert not unit.round()
    assert unit.state == "open"  # once is no proof
    time.sleep(0.8)
    say_ahead(server)
    assert not unit.round()


def test_an_old_copy_of_the_card_appends_nothing_more(server: Any, unit: Unit) -> None:
    unit.vote(2)
    become_old_copy(server, unit)
    assert unit.state == "old-copy"
    assert unit.writer.append(Test(rating=4), unit.clock.read()).exception() is not None
    assert not unit.round()  # nor does it become new again
    assert unit.state == "old-copy"


def test_an_old_copy_is_noticed_by_a_gap_too(
    server: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "GAP_PROVED_MS", 300)
    unit.vote(2)
    for pause_s in (0, 0, 0.5):
        assert unit.state == "open"
        time.sleep(pause_s)
        server.answers.append((409, PROBLEM, problem("gap", expected=41)[1], {}))
        assert not unit.round()
    assert unit.state == "old-copy"


def test_the_receipt_of_another_kiosk_repeated_by_a_proxy_puts_none_out(
    server: Any, unit: Unit
) -> None:
    unit.vote(2)
    for _ in range(3):  # the very same bytes, however long that goes on
        say_ahead(server, at_ms=server.now_ms() - 86_400_000)
        foreign = server.answers[-1]
        assert not unit.round()
        time.sleep(0.6)
        server.answers.append(foreign)
        assert not unit.round()
    assert (unit.state, unit.acked, unit.sender.health.offline) == ("open", 0, True)
    unit.vote()
    assert unit.round()
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))


def test_receipts_of_several_other_kiosks_put_none_out(server: Any, unit: Unit) -> None:
    unit.vote(2)
    for acked in (40, 17, 90, 12):
        say_ahead(server, acked, at_ms=server.now_ms() + 5000 * acked)
        assert not unit.round()
        time.sleep(0.3)
    assert unit.state == "open"
    assert unit.round()


def test_a_receipt_of_fewer_lines_than_were_sent_marks_nothing(server: Any, unit: Unit) -> None:
    assert unit.round()
    unit.vote(9)
    server.answers.append((200, "application/json", server.receipt(acked=5), {}))
    assert not unit.round()
    assert unit.acked == 1
    assert unit.round()


def test_lines_that_the_server_has_from_a_copy_are_not_taken_for_acknowledged(
    server: Any, unit: Unit
) -> None:
    """A heartbeat vouches for what it names, and the answer tells of more."""
    unit.vote(3)
    server.answers.append((200, "application/json", server.receipt(acked=3), {}))
    unit.round()
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))


def test_the_first_request_of_a_run_asks_and_sends_nothing(server: Any, unit: Unit) -> None:
    unit.vote(3)
    assert unit.round()
    assert [bool(raw) for raw in bodies(server)] == [False, True]


def test_a_real_old_copy_of_the_folder(server: Any, enrolled: Path, tmp_path: Path) -> None:
    import shutil

    unit = Unit(enrolled)
    unit.vote(2)
    unit.round()
    unit.close()
    shutil.copytree(enrolled, tmp_path / "image")
    unit = Unit(enrolled)
    unit.vote(3)
    unit.round()
    unit.close()
    old = Unit(tmp_path / "image")
    assert not old.round()
    time.sleep(0.8)
    assert not old.round()
    assert old.state == "old-copy"
    old.close()


def test_a_copy_that_went_on_by_itself_is_a_fork(
    server: Any, enrolled: Path, tmp_path: Path
) -> None:
    import shutil

    unit = Unit(enrolled)
    unit.vote(2)
    unit.round()
    unit.close()
    shutil.copytree(enrolled, tmp_path / "image")
    unit, copy = Unit(enrolled), Unit(tmp_path / "image")
    unit.vote()
    assert unit.round()
    copy.vote()
    assert not copy.round()
    assert copy.state == "forked"
    unit.close()
    copy.close()


@pytest.mark.parametrize("word", ["key", "closed", "revoked"])
def test_a_journal_that_is_refused_needs_enrolment_and_keeps_taking_votes(
    server: Any, unit: Unit, word: str
) -> None:
    status, body = problem(word, detail="Say so.")
    server.answers.append((status, PROBLEM, body, {}))
    unit.vote(2)
    assert not unit.round()
    assert (unit.state, unit.sender.health.defect) == (word, "Say so.")
    unit.vote()
    assert unit.round() is False or unit.state == "open"
    assert unit.round()
    assert len(server.seqs()) == unit.journal.head().seq


def test_a_wrong_clock_signs_again_with_the_servers_time(server: Any, unit: Unit) -> None:
    server.skew_ms = 400 * 24 * 3_600_000
    unit.vote(2)
    assert unit.round()
    assert len(server.seqs()) == unit.journal.head().seq


def test_a_server_that_never_likes_the_clock_is_not_asked_in_a_loop(
    server: Any, unit: Unit
) -> None:
    body = problem("clock", server_ms=5)[1]
    server.answers.extend([(401, PROBLEM, body, {})] * 20)
    assert not unit.round()
    assert len(bodies(server)) == 2


def test_too_large_a_batch_is_halved(server: Any, unit: Unit) -> None:
    server.max_lines = 30
    unit.vote(200)
    assert unit.round()
    assert len(server.seqs()) == unit.journal.head().seq


def test_a_server_without_gzip_gets_the_plain_bytes(server: Any, unit: Unit) -> None:
    server.takes_gzip = False
    unit.vote(20)
    assert unit.round()
    assert len(server.seqs()) == unit.journal.head().seq


def test_a_refused_line_is_kept_and_reported(server: Any, unit: Unit) -> None:
    unit.vote(2)
    status, body = problem("line", detail="Line 2 is odd.", line=2, seq=2)
    server.answers.append((status, PROBLEM, body, {}))
    assert not unit.round()
    assert unit.sender.health.defect == "Line 2 is odd."
    assert unit.journal.head().seq == 2
    assert unit.round()
    assert unit.sender.health.defect == ""


def test_a_busy_server_says_how_long_to_wait(
    server: Any, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync.time, "monotonic", lambda: 1000.0)
    server.answers.append((503, PROBLEM, problem("busy")[1], {"Retry-After": "77"}))
    unit.vote()
    assert not unit.round()
    assert 1077.0 <= unit.sender.not_before <= 1077.0 + 77 / 2  # not all kiosks at one moment
    assert not unit.sender.heard


def test_retry_after_is_at_most_an_hour() -> None:
    assert retry_after_s("9999999") == 3600
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_s("soon") is None
    assert retry_after_s(None) is None


def test_a_second_sender_beside_the_first_does_no_harm(server: Any, unit: Unit) -> None:
    unit.vote(3)
    other = Journal(unit.folder)
    sender = Sender(
        unit.folder, other, unit.door, key=unit.key, clock=unit.clock, writer=None, held=None
    )
    assert sender.round()
    assert unit.round()
    assert server.seqs() == list(range(1, unit.journal.head().seq + 1))
    other.close()


def test_the_configuration_follows_the_receipt(server: Any, unit: Unit) -> None:
    taken: list[int] = []
    unit.sender._config._on_config = lambda held: taken.append(held.version)
    server.set_config(scale="vn4")
    unit.round()
    unit.round()
    held = load_config(unit.folder, unit.journal)
    assert taken == [1]
    assert held and held.config.scale == "vn4"
    assert json.loads((unit.folder / "config.json").read_bytes()) == server.config


def test_a_lower_configuration_is_refused_and_not_asked_for_again(server: Any, unit: Unit) -> None:
    server.set_config()
    server.set_config(scale="vn4")
    unit.round()
    server.version = 1
    unit.round()
    unit.round()
    held = load_config(unit.folder, unit.journal)
    assert held and held.version == 2
    assert "refused" in unit.sender.health.defect
    gets = [path for method, path, _, _ in server.requests if method == "GET"]
    assert len(gets) == 2


ONLY_KIND_WORDS = [{"code": "P1", "ratings": [1, 2, 3, 4, 5], "label": {"vi": "Lịch sự"}}]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"reasons": ONLY_KIND_WORDS}, "R6 and R9"),
        ({"scale": "vn9"}, "cannot be used"),
        ({"locales": []}, "cannot be used"),
        ({"unit": {"code": "99001", "name": "x" * (1 << 20)}}, "more than"),
    ],
    ids=["without R6", "scale", "languages", "a megabyte"],
)
def test_a_configuration_that_cannot_be_used_leaves_the_last_good_one(
    server: Any, unit: Unit, broken: dict[str, Any], why: str
) -> None:
    refused: list[bool] = []
    unit.sender._config._on_refused = refused.append
    server.set_config(scale="vn4")
    unit.round()
    server.set_config(**broken)
    unit.round()
    assert why in unit.sender.health.defect
    held = load_config(unit.folder, unit.journal)
    assert held and (held.version, held.config.scale) == (1, "vn4")
    server.set_config(scale="vn3")
    unit.round()
    assert (unit.sender.health.defect, refused) == ("", [True, False])


def test_every_request_carries_the_head_of_its_last_line(server: Any, unit: Unit) -> None:
    unit.round()
    unit.vote(2)
    unit.round()
    _, path, headers, raw = server.requests[-1]
    assert path == f"/api/v1/journals/{unit.journal.row().uuid}/lines"
    note = unb64(headers["Hailong-Head"]).decode().split("\n")
    assert note[1] == "3"
    assert note[2] == b64(line_hash(raw.split(b"\n")[-1]))


def test_kiosk_and_server_agree_on_the_file(unit: Unit, server: Any) -> None:
    unit.vote(4)
    unit.round()
    kept = list(unit.journal.all_lines())
    assert kept == [line.line for line in server.lines]
