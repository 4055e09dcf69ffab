"""Complaints received elsewhere: kept once, counted apart from votes."""

from datetime import date


def test_complaints_are_kept_by_their_reference_and_counted_by_reason_and_field() -> None:
    from server.complaints.selectors import elsewhere_by_field, elsewhere_by_reason
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
    assert elsewhere_by_reason(unit="99001", first=day, last=day) == {"R6": 2}
    assert elsewhere_by_field(unit="99001", first=day, last=date(2025, 12, 31)) == {
        "": 2, "dat-dai": 1,
    }  # fmt: skip
    assert put_back_elsewhere(changes=changes) == []
    assert elsewhere_by_reason(unit="99001", first=day, last=day) == {}
