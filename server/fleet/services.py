"""Making kiosks, placing them, giving out enrolment codes, publishing what they show."""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from protocol.configuration import (
    Config,
    ConfigCounter,
    ConfigKiosk,
    ConfigOfficial,
    ConfigUnit,
    encode_config,
    pin_verifier,
    sign_config,
)
from protocol.enrolment import CROCKFORD, hash_code, new_code
from server.fleet.models import Configuration, EnrolmentCode, Kiosk, Placement
from server.organisation.models import Counter, Official
from server.organisation.services import read_pin

CODE_LASTS_MS = 24 * 3600 * 1000
QUESTION = {
    "vi": "Ông/Bà có hài lòng với việc phục vụ vừa rồi không?",
    "en": "Are you satisfied with the service you just received?",
}


class FleetError(Exception):
    """A wish about kiosks that cannot be met; str() is one sentence for the administrator."""


def make_kiosk(*, counter: str, now_ms: int, name: str = "") -> Kiosk:
    """A new kiosk that stands at `counter` from now on; its home unit is the counter's for ever."""
    place = Counter.objects.select_related("unit").filter(code=counter).first()
    if place is None:
        raise FleetError(f"There is no counter {counter}; `hailong-server counters` lists them.")
    with transaction.atomic():
        # Random, so that an id is not given twice even after an old backup was restored.
        suffix = "".join(secrets.choice(CROCKFORD.lower()) for _ in range(7))
        kiosk = Kiosk.objects.create(id=f"k-{suffix}", unit=place.unit_id, name=name or place.name)
        Placement.objects.create(
            kiosk=kiosk, unit=place.unit_id, counter=place.code, started_ms=now_ms
        )
        # A kiosk that could not be told what to show is not made at all.
        publish_configuration(kiosk=kiosk.id, now_ms=now_ms)
    return kiosk


def make_code(*, kiosk: str, now_ms: int) -> str:
    """A new enrolment code for the kiosk, good for 24 hours; unused ones before it lapse."""
    if not Kiosk.objects.filter(id=kiosk).exists():
        raise FleetError(f"There is no kiosk {kiosk}; `hailong-server counters` lists them.")
    code = new_code()
    with transaction.atomic():
        EnrolmentCode.objects.filter(kiosk_id=kiosk, used_key="").delete()
        EnrolmentCode.objects.create(
            code_hash=hash_code(code), kiosk_id=kiosk, expires_ms=now_ms + CODE_LASTS_MS
        )
    return code


def publish_configuration(*, kiosk: str, now_ms: int) -> int:
    """Sign what the kiosk shall show now, as a new version if it differs; the newest version."""
    body = _configuration_body(kiosk)
    newest = Configuration.objects.filter(kiosk_id=kiosk).order_by("-version").first()
    if newest is not None and bytes(newest.body) == body:
        return newest.version
    version = 1 if newest is None else newest.version + 1
    note = sign_config(
        server=settings.DATA.server_name,
        kiosk=kiosk,
        version=version,
        body=body,
        key=settings.DATA.signing_key("config"),
    )
    try:
        with transaction.atomic():
            Configuration.objects.create(
                kiosk_id=kiosk, version=version, body=body, note=note, made_ms=now_ms
            )
    except IntegrityError:  # somebody published meanwhile: theirs is version n, ours comes after
        return publish_configuration(kiosk=kiosk, now_ms=now_ms)
    return version


def publish_unit(*, unit: str, now_ms: int) -> None:
    """Publish anew for every kiosk of a unit, after its roster or counters changed."""
    for kiosk in Kiosk.objects.filter(unit=unit).values_list("id", flat=True):
        publish_configuration(kiosk=kiosk, now_ms=now_ms)


def _configuration_body(kiosk_id: str) -> bytes:
    placement = Placement.objects.select_related("kiosk").get(
        Q(ended_ms__isnull=True), kiosk_id=kiosk_id
    )
    counter = Counter.objects.select_related("unit").get(code=placement.counter)
    unit = counter.unit
    return encode_config(
        Config(
            v=1,
            kiosk=ConfigKiosk(id=kiosk_id, name=placement.kiosk.name),
            unit=ConfigUnit(code=unit.code, name=unit.name),
            counter=ConfigCounter(code=counter.code, number=counter.number, name=counter.name),
            timezone=unit.timezone,
            scale="vn5",
            locales=("vi", "en"),
            question=QUESTION,
            officials=tuple(
                ConfigOfficial(
                    code=official.code,
                    name=official.name,
                    title=official.title,
                    pin=_verifier(kiosk_id, official),
                )
                for official in unit.officials.order_by("code")
            ),
        )
    )


def _verifier(kiosk: str, official: Official) -> str | None:
    pin = read_pin(official=official)
    if not pin:
        return None
    # The salt is derived, so that the same roster gives the same body and no new version.
    seed = f"salt\n{kiosk}\n{official.code}\n{pin}".encode()
    salt = hmac.new(settings.DATA.pin_key(), seed, hashlib.sha256).digest()[:16]
    return pin_verifier(kiosk=kiosk, official=official.code, pin=pin, salt=salt)
