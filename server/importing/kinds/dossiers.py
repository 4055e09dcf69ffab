"""Dossiers from the electronic one-stop software."""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as N_

from server.dossiers.models import Dossier
from server.dossiers.services import Facts, keep_dossiers
from server.importing.headings import Column
from server.importing.reading import ROWS
from server.importing.values import choice, code, end_ms, number_of, start_ms, when
from server.importing.work import Given, Kind, Work, batches
from server.organisation.models import Official, Procedure
from server.organisation.services import lock_units

CHANNELS = {
    "counter": ("Tại quầy", "trực tiếp"),
    "appointment": ("Hẹn giờ", "hẹn lịch"),
    "online": ("Trực tuyến", "qua mạng"),
    "post": ("Bưu chính", "BCCI", "bưu điện", "bưu chính công ích"),
    "mobile": ("Lưu động",),
}
COLUMNS = (
    Column("unit", "mã đơn vị", code(32), True, "99001", ("đơn vị",)),
    Column("number", "số hồ sơ", number_of(64), True, "99001-251120-0001", ("mã hồ sơ",)),
    Column("procedure", "mã thủ tục", code(32), False, "1.000001", ("thủ tục",)),
    Column("official", "mã cán bộ", code(32), False, "CB-0101", ("cán bộ",)),
    Column("counter", "mã quầy", code(40), False, "99001-1", ("quầy",)),
    Column("channel", "hình thức", choice(CHANNELS, "counter"), False, "Tại quầy", ("kênh",)),
    Column("received", "ngày tiếp nhận", when, True, "20/11/2025 08:15", ("ngày nhận",)),
    Column("due", "ngày hẹn trả", when, False, "27/11/2025", ("hạn trả", "ngày hẹn")),
    Column(
        "resolved", "ngày trả kết quả", when, False, "26/11/2025 15:00",
        ("ngày giải quyết", "ngày trả"),
    ),
)  # fmt: skip


def apply(rows: Iterator[Given], work: Work) -> None:
    """Keep the dossiers, a thousand at a time."""
    officials = set(Official.objects.values_list("code", flat=True))
    procedures = set(Procedure.objects.values_list("code", flat=True))
    for batch in batches(rows):
        known = None if work.may_name else _known(batch)
        facts = [made for given in batch if (made := _facts(given, work, known)) is not None]
        for given in batch:
            _note(given, work, officials, procedures)
        work.keep("dossiers.dossier", 2, facts, keep_dossiers)


def _known(batch: Sequence[Given]) -> dict[tuple[str, str], str]:
    """Who handled those of the dossiers that there are; nobody else changes that meanwhile."""
    numbers: dict[str, list[str]] = {}
    for given in batch:
        numbers.setdefault(given.cells["unit"], []).append(given.cells["number"])
    lock_units(units=sorted(numbers))
    return {
        (unit, number): official
        for unit, some in numbers.items()
        for number, official in Dossier.objects.filter(unit=unit, number__in=some).values_list(
            "number", "official"
        )
    }


def _facts(given: Given, work: Work, known: Mapping[tuple[str, str], str] | None) -> Facts | None:
    """known: whom alone the author may name; None: anybody."""
    zone = work.zone_of(given)
    if zone is None:
        return None
    cells = given.cells
    if known is not None and cells["official"] not in (
        "", known.get((cells["unit"], cells["number"]))
    ):  # fmt: skip
        # Whether a vote names the dossier makes no difference: a dry run would tell who has voted.
        work.wrong(given, "official", gettext(
            "tệp của quản trị hệ thống mới ghi được ai xử lý hồ sơ; hãy để trống, hoặc ra quyết "
            "định nếu người phục vụ bị ghi sai."
        ))  # fmt: skip
        return None
    received, due, resolved = cells["received"], cells["due"], cells["resolved"]
    received_ms = start_ms(received, zone)
    due_ms = None if due is None else end_ms(due, zone)
    resolved_ms = None if resolved is None else start_ms(resolved, zone)
    if resolved_ms is not None and resolved_ms < received_ms:
        if resolved.clock is not None or resolved.day != received.day:
            work.wrong(given, "resolved", gettext("trước ngày tiếp nhận."))
            return None
        resolved_ms = received_ms  # the same day, and nobody wrote when
    if due is not None and due.day < received.day:
        work.wrong(given, "due", gettext("trước ngày tiếp nhận."))
        return None
    return Facts(
        cells["unit"], cells["number"], cells["procedure"], cells["official"], cells["counter"],
        cells["channel"], received_ms, due_ms, resolved_ms,
    )  # fmt: skip


def _note(given: Given, work: Work, officials: set[str], procedures: set[str]) -> None:
    """Codes that nobody entered are kept as they came: whoever they are may be entered later."""
    cells = given.cells
    if cells["official"] and cells["official"] not in officials:
        work.note_unknown(given, "official", cells["official"])
    if cells["procedure"] and cells["procedure"] not in procedures:
        work.note_unknown(given, "procedure", cells["procedure"])
    if cells["counter"] and work.unit_of_counter(cells["counter"]) is None:
        work.note_unknown(given, "counter", cells["counter"])


KIND = Kind(
    "dossiers", N_("Hồ sơ"), COLUMNS, ("unit", "number"), apply, ROWS, naming="official"
)  # fmt: skip
