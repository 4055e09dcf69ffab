"""Whom a request came from, with and without proxies of ours in between."""

import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

PROXIES = [ip_network("10.0.0.0/24"), ip_network("192.0.2.1"), ip_network("fd00::1")]


def address_of(peer: str, forwarded: str | None = None) -> str:
    from server.address import client_address

    meta = {"REMOTE_ADDR": peer}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address(meta)


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:1::5", "2001:0db8:0000:0001"),
        ("2001:db8:0:1:ffff::", "2001:0db8:0000:0001"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_an_address_is_an_ipv4_address_or_an_ipv6_network(peer: str, address: str) -> None:
    assert address_of(peer) == address


def test_nobody_chooses_their_own_address_where_no_proxy_is_trusted() -> None:
    assert address_of("203.0.113.9", "198.51.100.1") == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not through the proxy
        ("10.0.0.7", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.7", "198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8:0:1::5", "2001:0db8:0000:0001"),
        # What stands before the hop that is not ours was written by the client.
        ("10.0.0.7", "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.7", "6.6.6.6,198.51.100.1 , 192.0.2.1", "198.51.100.1"),
        ("10.0.0.7", "10.0.0.8, 203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.7", "198.51.100.1:50123", "198.51.100.1"),
        ("10.0.0.7", "[2001:db8:0:1::5]:50123", "2001:0db8:0000:0001"),
        ("10.0.0.7", "6.6.6.6, nonsense", "unknown"),
        ("10.0.0.7", None, "10.0.0.7"),  # the proxy itself
        ("10.0.0.7", " , ", "10.0.0.7"),
        ("10.0.0.7", "10.0.0.8", "10.0.0.8"),
    ],
)
def test_the_last_hop_that_is_no_proxy_of_ours_is_the_client(
    settings_of_proxies: Any, peer: str, forwarded: str | None, address: str
) -> None:
    assert address_of(peer, forwarded) == address


@pytest.fixture
def settings_of_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "TRUSTED_PROXIES", PROXIES)


def settings_with(tmp_path: Path, expression: str, **environ: str) -> str:
    """What `expression` is in the settings of a process with this environment."""
    script = f"import server.settings as s; print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HAILONG_DATA": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_proxies_are_named_in_the_environment(tmp_path: Path) -> None:
    names = "[str(n) for n in s.TRUSTED_PROXIES]"
    proxies = "10.0.0.7, fd00::/64,"
    found = settings_with(tmp_path, names, HAILONG_PROXIES=proxies)
    assert found == "['10.0.0.7/32', 'fd00::/64']"
    assert settings_with(tmp_path, names, HAILONG_PROXIES="") == "[]"
    refused = settings_with(tmp_path, names, HAILONG_PROXIES="front.example")
    assert "SetupError: HAILONG_PROXIES cannot be read" in refused


def test_behind_tls_browsers_are_told_to_stay_there(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "s.SECURE_HSTS_SECONDS", HAILONG_HTTPS="1") == "31536000"
    assert settings_with(tmp_path, "s.SECURE_HSTS_SECONDS", HAILONG_HTTPS="") == "0"
