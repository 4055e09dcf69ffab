"""Every accepted entry gets its place: in order, once, whatever is killed or runs beside."""

import threading

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.merkle import leaf_hash, root_of
from tests.server.doors import send
from tests.server.ingest.test_line_door import enrolled
from tests.server.kiosks import PaperKiosk
from tests.server.ledger.logs import (
    checkpoint,
    get,
    integrate_and_sign,
    read_log_from_outside,
    token,
)


def types(entries: list[bytes]) -> list[str]:
    return [msgspec.json.decode(entry)["type"] for entry in entries]


def test_lines_stand_in_the_log_as_they_were_sent_with_their_received_behind_them(
    kiosk: PaperKiosk,
) -> None:
    send(kiosk)
    integrate_and_sign()
    auditor = token()
    now = checkpoint()
    tree, entries = read_log_from_outside(auditor, now.size)
    assert types(entries) == ["enrolled", "vote", "vote", "vote", "received"]
    assert entries[1:4] == kiosk.lines
    assert tree.root() == now.root == root_of([leaf_hash(entry) for entry in entries])


def test_a_log_grows_request_by_request_and_extends_what_it_was(
    kiosk: PaperKiosk, other: PaperKiosk
) -> None:
    from server.ledger.integrator import integrate_all
    from server.ledger.tree import open_tree

    roots = {}
    for paper in (kiosk, other, kiosk, other):
        paper.vote(3)
        send(paper)
        integrate_all()
        tree = open_tree()
        roots[tree.size] = tree.root()
    assert list(roots) == [7, 12, 14, 16], "two enrolments, ten votes, four times `received`"
    for size, root in roots.items():
        assert open_tree().root(size) == root


def test_nothing_waiting_costs_nothing_and_changes_nothing(kiosk: PaperKiosk) -> None:
    from server.ledger.integrator import integrate_pending
    from server.ledger.tree import tree_size

    send(kiosk)
    assert integrate_pending() == 5
    assert integrate_pending() == 0
    assert tree_size() == 5


def test_two_integrators_at_once_give_one_place_to_each(
    kiosk: PaperKiosk, other: PaperKiosk
) -> None:
    from django.db import connection

    from server.ledger.integrator import integrate_all
    from server.ledger.models import Pending, Span
    from server.ledger.tree import tree_size

    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                integrate_all()
        except BaseException as error:  # noqa: BLE001 - asserted below
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for rating in (1, 2, 3, 4, 5) * 4:
        for paper in (kiosk, other):
            paper.vote(rating)
            send(paper)
    for worker in workers:
        worker.join()
    integrate_all()
    assert failed == []
    assert not Pending.objects.exists()
    spans = list(Span.objects.order_by("first_index").values_list("first_index", "size"))
    assert [first for first, _ in spans] == [
        sum(size for _, size in spans[:i]) for i in range(len(spans))
    ], "no gap, no overlap"
    assert tree_size() == sum(size for _, size in spans)


def test_power_cut_in_the_middle_leaves_the_tree_as_it_was(
    kiosk: PaperKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.ledger import integrator
    from server.ledger.models import Pending, Span, StoredTile
    from server.ledger.tree import tree_size

    send(kiosk)

    class PowerCut(Exception):
        pass

    def cut(ids: list[int]) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(integrator, "_forget", cut)
        with pytest.raises(PowerCut):
            integrator.integrate_pending()
    assert (tree_size(), Span.objects.count(), StoredTile.objects.count()) == (0, 0, 0)
    assert Pending.objects.count() == 2
    assert integrator.integrate_pending() == 5


def test_a_line_that_was_deleted_before_it_had_a_place_stops_the_log_and_is_named(
    kiosk: PaperKiosk,
) -> None:
    from server.ledger.integrator import integrate_pending
    from server.ledger.models import Line
    from server.ledger.tree import LostEntry

    send(kiosk)
    Line.objects.filter(journal=kiosk.journal, seq=2).delete()
    with pytest.raises(LostEntry, match=kiosk.journal):
        integrate_pending()


@settings(
    max_examples=8, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 200), st.booleans()), max_size=6))
def test_however_requests_and_rounds_alternate_every_proof_holds(
    steps: list[tuple[int, int, bool]],
) -> None:
    from server.ledger.integrator import integrate_all
    from server.ledger.tree import find_indices, open_tree, read_entries

    papers = [enrolled(f"k-{len(steps)}-{i}") for i in range(2)]
    for which, votes, round_now in steps:
        for _ in range(votes):
            papers[which].vote(5)
        assert send(papers[which]).status == 200
        if round_now:
            integrate_all()
    integrate_all()
    tree = open_tree()
    entries = read_entries(0, tree.size)
    assert tree.root() == root_of([leaf_hash(entry) for entry in entries])
    for paper in papers:
        sent = paper.lines if any(papers[which] is paper for which, _, _ in steps) else []
        found = find_indices(unit="99001", journal=paper.journal, first=1, last=10_000)
        assert [entries[found[seq]] for seq in range(1, len(sent) + 1)] == sent
        assert len(found) == len(sent)


def test_entries_are_read_from_anywhere_to_anywhere(kiosk: PaperKiosk, other: PaperKiosk) -> None:
    from server.ledger.integrator import integrate_all
    from server.ledger.tree import read_entries, tree_size

    send(kiosk)
    send(other)
    integrate_all()
    whole = read_entries(0, tree_size())
    for low in range(len(whole)):
        for high in range(low, len(whole) + 1):
            assert read_entries(low, high) == whole[low:high]


def test_what_a_server_had_before_there_was_a_log_gets_its_place_first(
    kiosk: PaperKiosk, server_folder: object
) -> None:
    """The migration's own statement, over records that nobody had put in the waiting line."""
    import importlib

    from django.db import connection

    from server.ledger.integrator import integrate_all
    from server.ledger.models import Pending
    from server.ledger.tree import read_entries, tree_size

    send(kiosk)
    kiosk.vote(2)
    send(kiosk)
    Pending.objects.all().delete()
    migration = importlib.import_module("server.ledger.migrations.0002_log").Migration
    with connection.cursor() as cursor:
        cursor.execute(migration.operations[-1].sql)
    integrate_all()
    assert types(read_entries(0, tree_size())) == [
        "enrolled", "vote", "vote", "vote", "received", "vote", "received",
    ]  # fmt: skip
    assert get("tile/0/000.p/7").status == 200


def test_what_a_journal_received_later_is_not_read_to_find_a_line(kiosk: PaperKiosk) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from server.ledger.integrator import integrate_all
    from server.ledger.selectors import read_lines, received_at
    from server.ledger.tree import find_index, find_indices

    for _ in range(12):
        kiosk.vote(4)
        send(kiosk)
    integrate_all()
    of = {"unit": "99001", "journal": kiosk.journal}
    with CaptureQueriesContext(connection) as queries:
        found = find_indices(**of, first=4, last=6)
        assert found == {seq: find_index(**of, seq=seq) for seq in (4, 5, 6)}
        lines = read_lines(**of, from_seq=4, to_seq=6)
        assert [line.received_ms for line in lines] == [
            received_at(**of, seq=seq) for seq in (4, 5, 6)
        ]
    asked = [query["sql"] for query in queries if "ledger_serverrecord" in query["sql"]]
    assert len(asked) == 8
    assert all(" LIMIT " in sql for sql in asked)
