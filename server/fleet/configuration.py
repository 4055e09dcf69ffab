"""What one kiosk shall show: its place, its unit's officials, and what was chosen, as one body."""

from collections.abc import Iterable, Mapping
from typing import Any

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
from protocol.verifiers import ADMIN
from server.fleet.asked import newest_orders
from server.fleet.chosen import Chosen, read_table
from server.fleet.errors import FleetError
from server.fleet.levels import Layer, Levels, merge
from server.fleet.models import Kiosk, Placement
from server.fleet.sealed_pin import open_pin
from server.fleet.verifying import Verifiers
from server.organisation.models import Counter, Official
from server.organisation.selectors import counters_of
from server.organisation.services import OrganisationError, read_badge, read_pin

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


def make_configs(
    kiosks: Iterable[str], held: Mapping[str, Verifiers]
) -> tuple[dict[str, Config], dict[str, Exception]]:
    """What each kiosk shall show now, and for the others why it cannot be made.

    held: the verifiers that a kiosk knows already, which need not be stretched anew.
    """
    made: dict[str, Config] = {}
    failed: dict[str, Exception] = {}
    levels = Levels()
    places = _places(kiosks)
    for kiosk in Kiosk.objects.filter(id__in=list(kiosks)).order_by("id"):
        try:
            known = held.get(kiosk.id) or Verifiers(kiosk.id)
            made[kiosk.id] = _make(kiosk, places.get(kiosk.id), levels, known)
        except (FleetError, OrganisationError) as error:
            failed[kiosk.id] = error
    return made, failed


def _make(kiosk: Kiosk, counter: Counter | None, levels: Levels, known: Verifiers) -> Config:
    if counter is None:
        raise FleetError(f"Kiosk {kiosk.id} stands at no counter.")
    layers = levels.layers(unit=kiosk.unit, counter=counter, kiosk=kiosk)
    chosen = read_table(merge(layers))
    return assemble(
        kiosk,
        counter,
        chosen,
        officials=tuple(
            _official(official, known, with_photo=chosen.show_official is True)
            for official in counter.unit.officials.all()
        ),
        admin_pin=known.of_pin(ADMIN, pin) if (pin := _admin_pin(layers)) else None,
    )


def _admin_pin(layers: list[Layer]) -> str | None:
    """The technician's PIN, readable: of the lowest level that has one."""
    for layer in reversed(layers):
        if "admin_pin" in layer.own:
            return open_pin(layer)
    return None


def _places(kiosks: Iterable[str]) -> dict[str, Counter]:
    """The counter where each kiosk stands now, with its unit and the unit's officials."""
    rows = Placement.objects.filter(kiosk__in=list(kiosks), ended_ms__isnull=True)
    at = dict(rows.values_list("kiosk_id", "counter"))
    counters = Counter.objects.select_related("unit").prefetch_related("unit__officials")
    found = counters.in_bulk(set(at.values()))
    return {kiosk: found[counter] for kiosk, counter in at.items() if counter in found}


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
            orders=newest_orders(kiosk.id),
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


def _official(official: Official, known: Verifiers, *, with_photo: bool) -> ConfigOfficial:
    pin, badge = read_pin(official=official), read_badge(official=official)
    return ConfigOfficial(
        code=official.code,
        name=official.name,
        title=official.title,
        pin=known.of_pin(official.code, pin) if pin else None,
        badge=known.of_badge(official.code, badge) if badge else None,
        photo=official.photo or None if with_photo else None,
    )
