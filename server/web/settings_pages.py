"""What kiosks ask and show, level by level: read, changed, previewed, published, rolled back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from protocol.rating import RATINGS, SCALES
from server.fleet import tree
from server.fleet.choosing import set_admin_pin, set_settings, try_settings
from server.fleet.chosen import read_toml, write_toml
from server.fleet.errors import FleetError
from server.fleet.exposure import admin_pins_due
from server.fleet.history import changes_of, differences, newest_change, own_settings
from server.fleet.levels import COUNTER, KIOSK, LEVELS, UNIT, Holder, Layer, find_holder
from server.fleet.previewing import preview, shown_now
from server.fleet.provenance import admin_pin_of, layers_of, values_of
from server.fleet.settings_publishing import Told, waiting_for
from server.organisation.access import (
    may_change_settings,
    may_manage_any,
    may_see_settings,
    units_with_settings,
)
from server.organisation.selectors import pins_due
from server.organisation.services import OrganisationError
from server.web import months, settings_edits, settings_form, settings_shown
from server.web.settings_compared import compare
from server.web.settings_drafts import MOST_TOML, Draft, read_draft, try_draft

MOST_AT_ONCE = 200  # kiosks that a page tells itself; `work` tells the others
MOST_LISTED = 200
MOST_WHY = 300


@never_cache
@login_required
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The units from the top, and every place where something is chosen."""
    manages = may_manage_any(request.user)
    units = units_with_settings(request.user)
    if not manages:
        if len(units) == 1:
            return redirect("settings-of", level=UNIT, code=units[0].code)
        raise PermissionDenied
    context = {
        "roots": [(root, tree.units_of(root.code)) for root in tree.roots()],
        "chosen": tree.chosen_anywhere(most=MOST_LISTED),
        "most": MOST_LISTED,
    }
    return render(request, "web/settings.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_of(request: HttpRequest, level: str, code: str) -> HttpResponse:
    """What one unit, counter or kiosk has chosen and what it inherits; a form for those who may."""
    holder = _holder(request, level, code)
    if request.method != "POST":
        return _show(request, holder)
    if not may_change_settings(request.user, holder.unit):
        raise PermissionDenied
    do = request.POST.get("do", "")
    if do == "pin":
        return _set_pin(request, holder)
    if do == "publish":
        return _publish(request, holder)
    draft = read_draft(request.POST, holder)
    if draft.wrong:
        return _show(request, holder, draft)
    return _preview(request, holder, draft.toml)


@never_cache
@login_required
@require_safe
def settings_history(request: HttpRequest, level: str, code: str) -> HttpResponse:
    """Who changed what at this level and when; going back begins with a preview."""
    holder = _holder(request, level, code)
    changes, layers = changes_of(holder), layers_of(holder)
    context = {
        "holder": holder,
        "path": _path(request, layers),
        "changes": [
            (
                change,
                months.local_time(change.at_ms, settings_shown.timezone_of(holder)),
                compare(change.differences, layers, past=True),
            )
            for change in changes
        ],
        "may_change": may_change_settings(request.user, holder.unit),
    }
    return render(request, "web/settings_history.html", context)


@never_cache
@login_required
@require_safe
def kiosk_settings(request: HttpRequest, id: str) -> HttpResponse:
    """The settings of one kiosk, by its id."""
    return redirect("settings-of", level=KIOSK, code=_holder(request, KIOSK, id).code)


def _holder(request: HttpRequest, level: str, code: str) -> Holder:
    """Whose settings; a foreign one and one that does not exist answer alike."""
    try:
        holder = find_holder(f"{level}:{code}") if level in LEVELS else None
    except FleetError:
        holder = None
    if holder is None or not may_see_settings(request.user, holder.unit):
        raise PermissionDenied
    return holder


def _show(request: HttpRequest, holder: Holder, draft: Draft | None = None) -> HttpResponse:
    layers = layers_of(holder)
    values = values_of(layers)
    own, has_pin = own_settings(holder)
    wrong = draft.wrong if draft else {}
    newest = newest_change(holder)
    form = settings_form.show_form(values, own)
    if draft and draft.by_form:
        form = settings_edits.filled_in(form, request.POST)
        form |= {"own": form["own"] | draft.edited, "told": form["told"] | draft.edited}
    context = {
        "holder": holder,
        "path": _path(request, layers),
        "form": form,
        "wrong": wrong,
        "complaints": settings_shown.complaints(wrong, form),
        "shorts": settings_shown.shorts(values),
        "ratings": RATINGS,
        "scales": list(SCALES),
        "days": settings_form.DAYS,
        "values": settings_shown.rows(values, holder),
        "sources": settings_shown.sources(values),
        "toml": draft.toml if draft and draft.toml else write_toml(own),
        "toml_open": bool(draft and draft.toml),
        "base": newest,
        "waiting": waiting_for(newest) if newest else 0,
        "may_change": may_change_settings(request.user, holder.unit),
        "now": shown_now(holder),
        "locale": _locale(),
        "has_pin": has_pin,
        "pin_of": admin_pin_of(layers),
        "pin_due": admin_pins_due().get((holder.level, holder.code)),
        **_beneath(holder),
    }
    return render(request, "web/settings_of.html", context, status=422 if wrong else 200)


def _beneath(holder: Holder) -> dict[str, Any]:
    """What lies beneath, to go on from here; of a kiosk its configurations."""
    if holder.level == UNIT:
        return {
            "units": tree.units_of(holder.code),
            "counters": tree.counters_at(holder.code),
            "kiosks": tree.kiosks_at(holder.code),
            "pins_due": pins_due(holder.code),
        }
    if holder.level == COUNTER:
        return {"kiosks": tree.kiosks_at(holder.unit, counter=holder.code)}
    return settings_shown.published(holder)


def _preview(request: HttpRequest, holder: Holder, text: str, wrong: str = "") -> HttpResponse:
    """How it will look, what differs, and how many kiosks change; nothing is kept yet."""
    chosen = read_toml(text.replace("\r\n", "\n"))
    found = preview(try_settings(id=f"{holder.level}:{holder.code}", chosen=chosen, folder=None))
    config, layers = found.config, layers_of(holder)
    ratings = SCALES[config.scale]
    context = {
        "holder": holder,
        "path": _path(request, layers),
        "found": found,
        "differences": compare(found.differences, layers, past=False),
        "real": found.beneath > 0,
        "config": config,
        "locales": config.locales,
        "follow_up": (ratings[0], ratings[-1]) if config.reasons else ratings[-1:],
        "toml": text,
        "base": str(newest_change(holder)) if wrong else request.POST.get("base", "0"),
        "why": request.POST.get("why", "")[:MOST_WHY],
        "change": request.POST.get("change", ""),
        "wrong": wrong,
    }
    return render(request, "web/preview.html", context, status=409 if wrong else 200)


def _publish(request: HttpRequest, holder: Holder) -> HttpResponse:
    """Keep and publish what was previewed, unless somebody changed it meanwhile."""
    text = request.POST.get("toml", "")[:MOST_TOML]
    draft = try_draft(holder, text, by_form=False)
    if draft.wrong:
        return _show(request, holder, draft)
    if request.POST.get("base") != str(newest_change(holder)):
        changed = gettext(
            "Trong lúc đó có người khác đã đổi cài đặt này. Hãy xem lại rồi công bố lần nữa."
        )
        return _preview(request, holder, text, changed)
    if not _differs(holder, text):
        messages.info(request, gettext("Không có gì để công bố."))
        return redirect("settings-of", level=holder.level, code=holder.code)
    told = set_settings(
        id=f"{holder.level}:{holder.code}",
        chosen=read_toml(text.replace("\r\n", "\n")),
        folder=None,
        now_ms=months.utc_ms(),
        by=request.user.get_username(),
        why="".join(c for c in request.POST.get("why", "")[:MOST_WHY] if c.isprintable()).strip(),
        most=MOST_AT_ONCE,
    )
    return _published(request, holder, told)


def _differs(holder: Holder, text: str) -> bool:
    """Whether publishing this would keep anything else than what is chosen here now."""
    chosen = read_toml(text.replace("\r\n", "\n"))
    wish = try_settings(id=f"{holder.level}:{holder.code}", chosen=chosen, folder=None)
    own, _ = own_settings(holder)
    return bool(differences(own, wish.table))


def _path(request: HttpRequest, layers: list[Layer]) -> list[tuple[Holder, bool]]:
    """The levels above, and whether the reader may open them."""
    units = {layer.holder.unit for layer in layers}
    may = {unit for unit in units if may_see_settings(request.user, unit)}
    return [(layer.holder, layer.holder.unit in may) for layer in layers[:-1]]


def _set_pin(request: HttpRequest, holder: Holder) -> HttpResponse:
    """The technician's PIN alone; it stands on no page again."""
    pin = request.POST.get("pin", "").strip()
    if not pin and not request.POST.get("pin-none"):
        return _show(request, holder, Draft("", {"pin": gettext("Hãy ghi mã PIN mới.")}))
    try:
        told = set_admin_pin(
            id=f"{holder.level}:{holder.code}",
            pin="" if request.POST.get("pin-none") else pin,
            now_ms=months.utc_ms(),
            by=request.user.get_username(),
            most=MOST_AT_ONCE,
        )
    except (FleetError, OrganisationError) as error:
        if "has to be changed" in str(error):
            words = gettext("Đây là mã PIN phải đổi; hãy chọn mã khác.")
        else:
            words = gettext("Mã PIN gồm 6 đến 12 chữ số (dữ liệu mẫu: từ 4).")
        return _show(request, holder, Draft("", {"pin": words}))
    return _published(request, holder, told)


def _published(request: HttpRequest, holder: Holder, told: Told) -> HttpResponse:
    """Back to the settings, with what came of it; a reload publishes nothing again."""
    text = gettext("Đã lưu. Bản mới cho {0} thiết bị; thiết bị nhận trong lần báo về kế tiếp.")
    messages.success(request, text.format(told.new))
    if told.waiting:
        rest = gettext("Còn {0} thiết bị nữa: máy chủ đang công bố dần.")
        messages.info(request, rest.format(told.waiting))
    for kiosk in list(told.failed)[:5]:
        messages.error(
            request, gettext("{0} giữ cấu hình cũ: không đọc được mã PIN.").format(kiosk)
        )
    return redirect("settings-of", level=holder.level, code=holder.code)


def _locale() -> str:
    return "en" if get_language() == "en" else "vi"
