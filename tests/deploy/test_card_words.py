"""hailong.toml as people write it: understood, or refused in one sentence that helps."""

import configparser
from pathlib import Path

import pytest

from deploy.pi.card.errors import CardError
from deploy.pi.card.network import keyfile
from deploy.pi.card.read import Network, read_card
from deploy.pi.card.settings import merge
from tests.deploy.card import CODE, PLAIN, STARS, Unit
from tests.deploy.pi import ROOT

SAMPLE = ROOT / "deploy" / "pi" / "hailong.toml"


def read(folder: Path, text: str | bytes) -> object:
    (folder / "hailong.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_card(folder)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (PLAIN.replace("code", "kode"), "kode"),
        (PLAIN + 'panel = "keyboard"\n', "gpio, keypad or touch"),
        (PLAIN + "wiring = 4\n", "wiring"),
        (PLAIN + 'updates = "25:00"\n', "02:30"),
        (PLAIN.replace("https://", ""), "server"),
        (PLAIN.replace("hailong.example", "hailong.example:0"), "server"),
        (PLAIN + 'invite = "999.999.1.1:8787"\n', "invite"),
        (PLAIN + 'invite = "192.168.1.20:99999"\n', "invite"),
        (PLAIN + 'invite = "192.168.1.20:0"\n', "invite"),
        (PLAIN + 'invite = "192.168.1.20"\n', "invite"),
        (PLAIN + 'proxy = "http://10.0.0.1:99999"\n', "proxy"),
        (PLAIN + 'proxy = "http://10.0.0.256:3128"\n', "proxy"),
        (PLAIN + 'proxy = "http://[::1"\n', "proxy"),
        (f'code = "{CODE}"\n', "no server"),
        (PLAIN + 'ca = "office.pem"\n', "office.pem"),
        (PLAIN + "[network]\nwifi = \"x\"\npassword = \"short\"\n", "8 to 63"),
        (PLAIN + '[network]\npassword = "long enough"\n', "no wifi"),
        (PLAIN + '[network]\naddress = "192.168.1.20"\n', "192.168.1.20/24"),
        (PLAIN + '[network]\ngateway = "192.168.1.1"\n', "no address"),
        (PLAIN + "[network]\ndns = \"192.168.1.1\"\n", "list"),
        (PLAIN + 'server = "https://x.example"\n', "line 3"),
        ('server = "https://hailong.example\n', "line 1"),
        (f'server = "https://x.example"\ncode = """{CODE}"""\n', "line of its own"),
        (PLAIN.encode("utf-16"), "UTF-8"),
    ],
)  # fmt: skip
def test_a_wrong_card_is_one_sentence(tmp_path: Path, text: str | bytes, word: str) -> None:
    with pytest.raises(CardError) as told:
        read(tmp_path, text)
    assert word in str(told.value)
    assert "\n" not in str(told.value)


def test_no_secret_is_repeated_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CardError) as told:
        read(tmp_path, PLAIN + '[network]\nwifi = "x"\npassword = "secret"\n')
    assert "secret" not in str(told.value)


def test_windows_hides_the_end_of_a_name_and_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "hailong.toml.txt").write_text(PLAIN)
    with pytest.raises(CardError, match="rename it to hailong"):
        read_card(tmp_path)


def test_a_card_written_on_windows_is_understood(tmp_path: Path) -> None:
    read(tmp_path, b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    card = read_card(tmp_path)
    assert card
    assert card.code == CODE


def test_the_mark_of_windows_editor_before_the_code_does_not_hide_it(unit: Unit) -> None:
    server, code = PLAIN.splitlines()
    unit.card.write_bytes(b"\xef\xbb\xbf" + f"{code}\r\n{server}\r\n".encode())
    assert unit.run()[0] == 0
    assert unit.card.read_bytes() == (
        b"\xef\xbb\xbf" + f"{code.replace(CODE, STARS)}\r\n{server}\r\n".encode()
    )


def test_a_boot_partition_without_a_card_is_no_error(tmp_path: Path) -> None:
    assert read_card(tmp_path) is None


def test_the_sample_is_understood_as_it_stands(tmp_path: Path) -> None:
    card = read(tmp_path, SAMPLE.read_bytes())
    assert getattr(card, "code", None)


def test_every_line_of_the_sample_may_be_switched_on(tmp_path: Path) -> None:
    (tmp_path / "hailong-ca.pem").write_text("x")
    lines = SAMPLE.read_text("utf-8").splitlines()
    on = [line.removeprefix("#") if line.startswith("#") and line[1:2] != " " else line
          for line in lines]  # fmt: skip
    card = read(tmp_path, "\n".join(on))
    assert getattr(card, "network", None) == Network(
        wifi="VNPT-MotCua", password="mat-khau-wifi", hidden=True, address="192.168.1.20/24",
        gateway="192.168.1.1", dns=("192.168.1.1",),
    )  # fmt: skip
    assert all(getattr(card, word) for word in ("ca", "proxy", "wiring", "panel", "invite",
                                                "updates", "ntp"))  # fmt: skip


def test_each_remark_of_the_sample_is_in_both_languages() -> None:
    remarks = [
        [line for line in block.splitlines() if line.startswith("# ")]
        for block in SAMPLE.read_text("utf-8").replace("\n#\n", "\n\n").split("\n\n")
    ]
    told = [lines for lines in remarks if lines]
    assert len(told) > 8
    for lines in told[1:]:  # the first is the title, both on one line
        assert not lines[0].isascii(), lines  # Vietnamese first
        assert lines[-1].isascii(), lines


def parse(network: Network) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(keyfile(network))
    return parser


def test_a_network_by_cable_with_a_fixed_address() -> None:
    made = parse(Network(address="192.168.1.20/24", gateway="192.168.1.1", dns=("10.0.0.1",)))
    assert made["connection"]["type"] == "ethernet"
    assert made["ipv4"]["address1"] == "192.168.1.20/24,192.168.1.1"
    assert made["ipv4"]["dns"] == "10.0.0.1;"
    assert made["ipv6"]["method"] == "auto"


def test_a_network_by_radio_whatever_its_name_is() -> None:
    made = parse(Network(wifi="Một cửa; số 1", password="p\\a ss"))
    name = bytes(int(byte) for byte in made["wifi"]["ssid"].strip(";").split(";")).decode()
    assert name == "Một cửa; số 1"
    assert made["wifi-security"]["psk"] == "p\\\\a ss"
    assert made["ipv4"]["method"] == "auto"


def test_settings_of_others_stay_when_the_card_sets_its_own() -> None:
    old = 'server = "https://x"\nwiring = "old"\n# a remark\nreserve_mb = 32\n'
    new = merge(old, {"wiring": "4-buttons", "panel": "gpio"})
    assert sorted(new.splitlines()) == sorted(
        ['wiring = "4-buttons"', 'panel = "gpio"', 'server = "https://x"', "# a remark",
         "reserve_mb = 32"]
    )  # fmt: skip
    assert merge(new, {"wiring": "4-buttons", "panel": "gpio"}) == new
