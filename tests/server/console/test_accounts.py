"""`hailong-server account`: supervisors and officials sign in; nobody takes another's account."""

import io
from typing import Any

import pytest

WORD = "con ngua trang chay nhanh"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with a password on stdin; its exit code."""
    from server.__main__ import main
    from server.organisation.services import make_official, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_unit(code="99002", name="Xã khác mẫu")
    for code in ("CB-1", "CB-2"):
        make_official(unit=unit, code=code, name="Cán bộ mẫu")

    def run(*words: str, password: str = WORD) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return main(["account", *words])

    return run


def found(name: str) -> Any:
    from server.organisation.selectors import account_of

    return account_of(name)


def test_a_supervisor_and_an_official_are_made_and_get_new_passwords(account: Any) -> None:
    assert account("head", "--supervisor", "99001") == 0
    assert account("an", "--official", "CB-1") == 0
    assert (found("head").role, found("head").unit_id) == ("supervisor", "99001")
    assert (found("an").role, found("an").official_id) == ("official", "CB-1")
    assert account("an", "--official", "CB-1", password="mot mat khau khac") == 0
    assert found("an").check_password("mot mat khau khac")


def test_an_account_stays_whose_it_is(account: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert account("head", "--supervisor", "99001") == 0
    assert account("an", "--official", "CB-1") == 0
    for words, said in (
        (("head", "--supervisor", "99002"), "head is another account already"),
        (("head", "--official", "CB-2"), "head is another account already"),
        (("an", "--official", "CB-2"), "an is another account already"),
        (("binh", "--official", "CB-1"), "CB-1 signs in as an already"),
    ):
        assert account(*words, password="mot mat khau khac") == 2
        assert said in capsys.readouterr().err
    assert found("head").check_password(WORD) and found("an").check_password(WORD)


def test_an_ended_account_signs_in_no_more_and_frees_its_official(account: Any) -> None:
    assert account("an", "--official", "CB-1") == 0
    assert account("an", "--end") == 0
    assert not found("an").is_active and not found("an").check_password(WORD)
    assert account("binh", "--official", "CB-1") == 0
    assert account("an", "--official", "CB-1") == 2  # one official, one account
    assert account("binh", "--end") == 0
    assert account("an", "--official", "CB-1") == 0
    assert found("an").is_active and found("an").check_password(WORD)


@pytest.mark.parametrize(
    ("words", "password"),
    [
        (("an", "--official", "CB-9"), WORD),
        (("an", "--supervisor", "99009"), WORD),
        (("an", "--supervisor", "\N{FULLWIDTH DIGIT NINE}"), WORD),
        (("an", "--end"), WORD),
        (("an", "--official", "CB-1", "--supervisor", "99001"), WORD),
        (("an",), WORD),
        (("an an", "--official", "CB-1"), WORD),
        (("an", "--official", "CB-1"), "12345678"),
        (("an", "--official", "CB-1"), ""),
    ],
)
def test_what_makes_no_account_is_one_sentence(
    account: Any, words: tuple[str, ...], password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account(*words, password=password) == 2
    assert found(words[0]) is None
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_inspectors_and_reviewers_come_from_somewhere_or_from_outside(
    account: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account("tt", "--inspector") == 0
    assert account("td", "--reviewer", "--unit", "99001") == 0
    assert (found("tt").role, found("tt").unit_id) == ("inspector", None)
    assert (found("td").role, found("td").unit_id) == ("reviewer", "99001")
    assert account("tt", "--reviewer") == 2
    assert account("x", "--reviewer", "--unit", "77777") == 2
    assert account("head", "--supervisor", "99001", "--unit", "99001") == 2
    assert "--unit goes with --inspector or --reviewer" in capsys.readouterr().err
