"""What `check` says of the log beside differences."""

from pathlib import Path

import pytest

from tests.server.ledger.made import log_all, make_log


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What it says on stderr; nothing differs."""
    from server.__main__ import main

    capsys.readouterr()
    assert main(["check"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


@pytest.fixture(autouse=True)
def _made() -> None:
    from server.pipeline import run_until_done

    make_log()
    run_until_done()


def test_a_guard_that_was_taken_away_is_said(
    capsys: pytest.CaptureFixture[str], server_folder: Path
) -> None:
    assert not any("log-guard" in line for line in told(capsys))
    (server_folder / "log-guard").unlink()
    assert any("log-guard is missing, though checkpoints were" in line for line in told(capsys))
    log_all()
    assert not any("log-guard" in line for line in told(capsys))


def test_all_is_not_in_order_while_the_log_signs_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from server.ledger.signing import stop_signing

    assert told(capsys)[-1] == (
        "hailong-server: Settings, log, lines, votes and tallies are in order."
    )
    stop_signing("Somebody showed another history.", b"", now_ms=5)
    *before, last = told(capsys)
    assert last == (
        "hailong-server: Settings, lines, votes and tallies are in order; the log signs no more "
        "(see above)."
    )
    assert any("It signs no more. Somebody showed" in line for line in before)
