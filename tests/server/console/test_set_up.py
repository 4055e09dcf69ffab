"""Setting a server up from the command line: folder, name, administrator, codes."""

import io
from pathlib import Path

import pytest

from protocol.enrolment import normalize_code
from server.folder import Folder, SetupError


def test_a_folder_made_twice_keeps_its_name_and_keys(tmp_path: Path) -> None:
    Folder(tmp_path / "data").make(name="mot-cua.example", sample=False)
    key = (tmp_path / "data" / "keys" / "log").read_bytes()
    again = Folder(tmp_path / "data")
    again.make(name=None, sample=False)
    assert again.server_name == "mot-cua.example"
    assert (tmp_path / "data" / "keys" / "log").read_bytes() == key


def test_a_name_never_changes(tmp_path: Path) -> None:
    Folder(tmp_path).make(name="mot.example", sample=False)
    with pytest.raises(SetupError, match="never changes"):
        Folder(tmp_path).make(name="hai.example", sample=False)


@pytest.mark.parametrize("name", ["", "Upper.example", "a..b", "-a", "a" * 65, "một.cửa", "a\n"])
def test_a_name_that_is_no_dns_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="DNS name"):
        Folder(tmp_path).make(name=name, sample=False)


def test_keys_are_for_the_servers_own_user_alone(tmp_path: Path) -> None:
    Folder(tmp_path).make(name=None, sample=False)
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    for key in (tmp_path / "keys").iterdir():
        assert key.stat().st_mode & 0o077 == 0


def test_two_servers_that_were_not_named_have_different_names(tmp_path: Path) -> None:
    names = set()
    for number in range(2):
        folder = Folder(tmp_path / str(number))
        folder.make(name=None, sample=False)
        names.add(folder.server_name)
    assert len(names) == 2


def test_an_interrupted_init_is_completed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log").write_bytes(bytes(32))
    folder = Folder(tmp_path)
    folder.make(name=None, sample=False)
    assert folder.pin_key()
    assert (tmp_path / "keys" / "log").read_bytes() == bytes(32)


@pytest.mark.parametrize("text", ["name = 1 2", 'name = "a"\ncolour = "red"', "sample = true"])
def test_an_unreadable_or_unknown_setting_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.toml").write_text(text)
    with pytest.raises(SetupError):
        Folder(tmp_path).server_name  # noqa: B018


def test_the_last_word_of_kiosk_code_is_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    from server.__main__ import main
    from server.organisation.services import make_counter, make_unit

    make_counter(unit=make_unit(code="99001", name="Xã mẫu"), number=1)
    assert main(["kiosk-code", "99001-1"]) == 0
    words = capsys.readouterr().out.split()
    assert normalize_code(words[-1])
    kiosk = words[1]
    assert main(["kiosk-code", "--kiosk", kiosk]) == 0
    renewed = capsys.readouterr().out.split()
    assert renewed[1] == kiosk
    assert renewed[-1] != words[-1]


@pytest.mark.parametrize(
    "arguments", [["99009-1"], ["--kiosk", "k-nobody"], [], ["99001-1", "--kiosk", "k-nobody"]]
)
def test_an_unknown_counter_or_kiosk_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from server.__main__ import main

    assert main(["kiosk-code", *arguments]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_administrator_needs_a_password_that_is_no_toy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from server.__main__ import main
    from server.organisation.models import Role, StaffAccount

    monkeypatch.setattr("sys.stdin", io.StringIO("12345678\n"))
    assert main(["admin", "quan-tri"]) == 2
    assert not StaffAccount.objects.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("con ngua trang chay nhanh\n"))
    assert main(["admin", "quan-tri"]) == 0
    account = StaffAccount.objects.get()
    assert account.role == Role.ADMINISTRATOR
    assert account.check_password("con ngua trang chay nhanh")


def test_a_supervisors_account_is_not_turned_into_an_administrators(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server.__main__ import main
    from server.organisation.models import Role
    from server.organisation.services import make_account, make_unit

    unit = make_unit(code="99001", name="Xã mẫu")
    make_account(username="an", password="mot mat khau dai", role=Role.SUPERVISOR, unit=unit)
    monkeypatch.setattr("sys.stdin", io.StringIO("con ngua trang chay nhanh\n"))
    assert main(["admin", "an"]) == 2
