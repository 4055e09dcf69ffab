"""Verifiers of PINs and badges for one kiosk: stretching one takes 40 ms, so none is made twice.

Those that stand in the configuration which the kiosk has are used again, if this server signed it
(whoever can write the tables alone must not choose a verifier) and they are of the same secret.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings

from protocol.configuration import BadConfig, open_config, read_config
from protocol.keys import b64, public_bytes
from protocol.note import BadNote, vkey
from protocol.verifiers import ADMIN, badge_verifier, pin_verifier
from server.fleet.models import BadgeMade


class Newest(NamedTuple):
    """The newest configuration of a kiosk."""

    version: int
    body: bytes
    note: bytes


class Verifiers:
    """What one kiosk knows of secrets already, and what it has to learn."""

    def __init__(
        self,
        kiosk: str,
        *,
        pins: dict[str, str] | None = None,
        badges: dict[str, str] | None = None,
        marks: Iterable[str] = (),
    ) -> None:
        self.kiosk = kiosk
        self._pins, self._badges, self._marks = pins or {}, badges or {}, set(marks)
        self.new_marks: list[str] = []

    @property
    def holders(self) -> list[str]:
        """Of whom there is the verifier of a PIN."""
        return list(self._pins)

    def of_pin(self, holder: str, pin: str) -> str:
        """The verifier of an official's PIN, or with ADMIN of the technician's."""
        if self.knows(holder, pin):
            return self._pins[holder]
        salt = self._salt(holder, pin)
        return pin_verifier(kiosk=self.kiosk, official=holder, pin=pin, salt=salt)

    def knows(self, holder: str, pin: str) -> bool:
        """Whether a verifier of this very PIN is held."""
        return self._pins.get(holder, "").startswith(f"scrypt${b64(self._salt(holder, pin))}$")

    def of_badge(self, official: str, badge: str) -> str:
        """The verifier of an official's badge."""
        old = self._badges.get(official)
        if old is not None and self._mark(badge, old) in self._marks:
            return old
        made = badge_verifier(kiosk=self.kiosk, badge=badge)
        self.new_marks.append(self._mark(badge, made))
        return made

    def _salt(self, holder: str, pin: str) -> bytes:
        # Derived, so that the same roster gives the same body and no new version; and so the same
        # salt is the same PIN.
        return _mac(f"salt\n{self.kiosk}\n{holder}\n{pin}")[:16]

    def _mark(self, badge: str, verifier: str) -> str:
        return _mac(f"badge\n{self.kiosk}\n{badge}\n{verifier}").hex()


def verifiers_held(newest: dict[str, Newest]) -> dict[str, Verifiers]:
    """What each kiosk knows from its newest configuration."""
    marks: dict[str, set[str]] = {}
    for kiosk, mark in BadgeMade.objects.filter(kiosk__in=newest).values_list("kiosk", "mark"):
        marks.setdefault(kiosk, set()).add(mark)
    return {kiosk: read_held(kiosk, found, marks.get(kiosk, ())) for kiosk, found in newest.items()}


def read_held(kiosk: str, found: Newest, marks: Iterable[str] = ()) -> Verifiers:
    """The verifiers in a configuration; none if it is not this server's, or unreadable."""
    try:
        _check_ours(kiosk, found)
        config = read_config(found.body)
    except (BadConfig, BadNote):
        return Verifiers(kiosk)
    pins = {official.code: official.pin for official in config.officials if official.pin}
    if config.admin_pin:
        pins[ADMIN] = config.admin_pin
    badges = {official.code: official.badge for official in config.officials if official.badge}
    return Verifiers(kiosk, pins=pins, badges=badges, marks=marks)


def _check_ours(kiosk: str, found: Newest) -> None:
    server, key = settings.DATA.server_name, settings.DATA.signing_key("config")
    name = vkey(f"{server}/config", public_bytes(key))
    open_config(found.note, found.body, server=server, kiosk=kiosk, config_key=name)


def _mac(text: str) -> bytes:
    return hmac.new(settings.DATA.pin_key(), text.encode(), hashlib.sha256).digest()
