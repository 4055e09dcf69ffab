"""What one kiosk shall show: its place, its unit's officials, and what was chosen, as one body."""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from msgspec import UNSET

from protocol.configuration import (
    BadConfig,
    Config,
    ConfigCounter,
    ConfigKiosk,
    ConfigOfficial,
    ConfigOnDuty,
    ConfigUnit,
    default_reasons,
    encode_config,
    read_config,
)
from protocol.verifiers import ADMIN, badge_verifier, pin_verifier
from server.fleet.chosen import Chosen
from server.fleet.errors import FleetError
from server.fleet.models import Kiosk, Placement
from server.fleet.selectors import in_force
from server.organisation.models import Counter, Official
from server.organisation.selectors import counters_of
from server.organisation.services import read_badge, read_pin

MAX_BODY_BYTES = 1 << 20  # a kiosk reads no longer answer
BUILT_IN: dict[str, Any] = {
    "scale": "vn5",
    "locales": ("vi", "en"),
    "question": {
        "vi": "Ông/Bà có hài lòng với việc phục vụ vừa rồi không?",
        "en": "Are you satisfied with the service you just received?",
    },
    "reasons": default_reasons(),
}
NOT_AS_CHOSEN = {"counters", "admin_pin"}


def make_config(kiosk_id: str) -> Config:
    """What the kiosk shall show now. Raises FleetError, OrganisationError."""
    kiosk = Kiosk.objects.get(id=kiosk_id)
    counter = home_of(kiosk)
    chosen = in_force(kiosk)
    return assemble(
        kiosk,
        counter,
        chosen,
        officials=tuple(
            _official(kiosk_id, official, with_photo=chosen.show_official is True)
            for official in counter.unit.officials.order_by("code")
        ),
        admin_pin=_pin(kiosk_id, ADMIN, chosen.admin_pin or None),
    )


def home_of(kiosk: Kiosk) -> Counter:
    """The counter where a kiosk stands now; FleetError if it stands nowhere."""
    placement = Placement.objects.filter(kiosk=kiosk, ended_ms__isnull=True).first()
    if placement is None:
        raise FleetError(f"Kiosk {kiosk.id} stands at no counter.")
    return Counter.objects.select_related("unit").get(code=placement.counter)


def assemble(
    kiosk: Kiosk,
    counter: Counter,
    chosen: Chosen,
    *,
    officials: tuple[ConfigOfficial, ...] = (),
    admin_pin: str | None = None,
) -> Config:
    """The configuration of a kiosk at a counter; FleetError if no kiosk could work with it."""
    given = {
        key: value
        for key in Chosen.__struct_fields__
        if key not in NOT_AS_CHOSEN and (value := getattr(chosen, key)) is not UNSET
    }
    try:
        config = Config(
            v=1,
            kiosk=ConfigKiosk(id=kiosk.id, name=kiosk.name),
            unit=ConfigUnit(code=counter.unit.code, name=counter.unit.name),
            counter=_counter(counter),
            counters=_counters(counter, chosen),
            timezone=counter.unit.timezone,
            officials=officials,
            on_duty=_on_duty(kiosk),
            admin_pin=admin_pin,
            **(BUILT_IN | given),
        )
        body = encode_config(config)
        read_config(body)  # as a kiosk will; building it by hand checks less
    except (ValueError, BadConfig) as error:
        raise FleetError(f"{kiosk.id} could not work with this: {error}.") from None
    if len(body) > MAX_BODY_BYTES:
        raise FleetError(f"The configuration of {kiosk.id} is longer than 1 MiB; shorten it.")
    return config


def _counter(counter: Counter) -> ConfigCounter:
    return ConfigCounter(code=counter.code, number=counter.number, name=counter.name)


def _counters(home: Counter, chosen: Chosen) -> tuple[ConfigCounter, ...]:
    """The counters that a kiosk standing at `home` serves, as they were listed."""
    if chosen.counters is UNSET:
        return ()
    known = {counter.code: counter for counter in counters_of(home.unit.code)}
    for code in chosen.counters:
        if code not in known:
            raise FleetError(f"Unit {home.unit.code} has no counter {code}.")
    if home.code not in chosen.counters or len(set(chosen.counters)) < len(chosen.counters):
        raise FleetError(f"The counters are {home.code}, where it stands, and others, each once.")
    return tuple(_counter(known[code]) for code in chosen.counters)


def _on_duty(kiosk: Kiosk) -> ConfigOnDuty | None:
    if kiosk.duty_ordered_ms is None:
        return None
    return ConfigOnDuty(official=kiosk.duty_official or None, at_ms=kiosk.duty_ordered_ms)


def _official(kiosk: str, official: Official, *, with_photo: bool) -> ConfigOfficial:
    badge = read_badge(official=official)
    return ConfigOfficial(
        code=official.code,
        name=official.name,
        title=official.title,
        pin=_pin(kiosk, official.code, read_pin(official=official)),
        badge=badge_verifier(kiosk=kiosk, badge=badge) if badge else None,
        photo=official.photo or None if with_photo else None,
    )


def _pin(kiosk: str, holder: str, pin: str | None) -> str | None:
    if not pin:
        return None
    # The salt is derived, so that the same roster gives the same body and no new version.
    seed = f"salt\n{kiosk}\n{holder}\n{pin}".encode()
    salt = hmac.new(settings.DATA.pin_key(), seed, hashlib.sha256).digest()[:16]
    return pin_verifier(kiosk=kiosk, official=holder, pin=pin, salt=salt)
