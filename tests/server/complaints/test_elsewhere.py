"""Complaints received elsewhere: kept once, apart from votes."""

from datetime import date


def test_complaints_are_kept_by_their_reference() -> None:
    from server.complaints.models import Elsewhere
    from server.complaints.services import Facts, keep_elsewhere, put_back_elsewhere
    from server.organisation.services import make_unit

    make_unit(code="99001", name="Xã Mẫu Một")
    day = date(2025, 11, 20)
    rows = [
        Facts("99001", "1", day, "dat-dai", "R6", "đường dây nóng"),
        Facts("99001", "2", day, "", "R6", ""),
        Facts("99001", "3", date(2025, 12, 1), "", "", ""),
    ]
    changes = keep_elsewhere(rows=rows)
    assert len(changes) == 3 and keep_elsewhere(rows=rows) == []
    kept = Elsewhere.objects.order_by("ref").values_list("ref", "field", "reason", "channel")
    assert list(kept) == [
        ("1", "dat-dai", "R6", "đường dây nóng"), ("2", "", "R6", ""), ("3", "", "", ""),
    ]  # fmt: skip
    assert put_back_elsewhere(changes=changes) == []
    assert not kept.all().exists()
