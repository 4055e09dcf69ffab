"""The pages of figures ask tallies, never votes, and always name the unit."""

from typing import Any

import pytest

from tests.server.cluster import find_faults
from tests.server.test_statement_rules import recorded

PAGE = "/units/99001/"


@pytest.mark.usefixtures("busy_office")
def test_a_page_of_figures_reads_tallies_of_its_unit_and_no_vote(reader: Any) -> None:
    client = reader("supervisor")
    with recorded() as statements:
        assert client.get(PAGE).status_code == 200
    assert any("analytics_tally" in sql for sql in statements)
    assert [fault for sql in sorted(statements) for fault in find_faults(sql)] == []
    for table in ("votes_", "attribution_attribution", "ledger_line"):
        assert not any(table in sql for sql in statements), table
