"""One view of every screen and state, for the photographs and the tests; imports no Kivy."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kiosk.locale import SOURCE, load_catalogues
from kiosk.screens.view import Reason, Story, Technician, View
from protocol.rating import OFFERED

SAMPLE = View(
    state="asking",
    scale="vn5",
    locale="vi",
    locales=("vi", "en"),
    question="",
    unit="Trung tâm Phục vụ hành chính công xã mẫu",
    counter="Quầy số 1",
    official=None,
    signed_in=True,
    officials=tuple(
        (f"CB-010{n}", name)
        for n, name in enumerate(
            ("Cán bộ mẫu Một", "Cán bộ mẫu Hai", "Cán bộ mẫu Ba", "Cán bộ mẫu Bốn"), start=1
        )
    ),
    offline=False,
    attention=False,
    can_undo=False,
)
MAIN = (
    "asking",
    "named-invited",
    "resting-story",
    "choose_counter",
    "follow_up-bad",
    "code-qr",
    "thanks",
    "sign_in",
    "choose_place",
    "technician-facts",
    "out_of_order-qr",
    "needs_enrolment",
)
"""One state of each screen."""
_COUNTER = {"vi": "Quầy số 1", "en": "Counter 1"}


def sample_views(locale: str, media: Path | None = None) -> Iterator[tuple[str, View]]:
    """(name, view) of each screen in one language, without real people.

    `media`: a folder with photo.png and picture.png, for the views that show them.
    """
    view = replace(SAMPLE, locale=locale, counter=_COUNTER.get(locale, SAMPLE.counter))
    yield "asking", view
    yield "asking-offline", replace(view, offline=True, signed_in=False)
    yield "asking-vn4", replace(view, scale="vn4")
    yield "asking-vn3", replace(view, scale="vn3")
    yield from _citizen_views(view, media)
    yield from _official_views(view)
    yield from _technician_views(view)


def _citizen_views(view: View, media: Path | None) -> Iterator[tuple[str, View]]:
    vi = view.locale == "vi"
    talking = replace(view, can_listen=True)
    yield "asking-listen", talking
    yield "invited", replace(talking, invited=True)
    photo = str(media / "photo.png") if media else ""
    named = replace(talking, official="Cán bộ mẫu Một – Công chức", photo=photo)
    yield "named", named
    yield "named-invited", replace(named, invited=True)
    yield "disowned", replace(named, disowned=True)
    story = Story(
        said="Thiếu ghế ngồi, phòng chờ nóng." if vi else "Too few seats, a hot waiting room.",
        did="Đã thêm 20 ghế và 4 quạt từ ngày 1 tháng 9."
        if vi
        else "20 more seats and 4 fans since 1 September.",
    )
    yield "resting-story", replace(talking, resting=True, stories=(story,))
    if media:
        yield "resting-picture", replace(view, resting=True, pictures=(str(media / "picture.png"),))
    counters = tuple((f"Q-{n}", str(n)) for n in range(1, 18))
    choosing = replace(talking, state="choose_counter", counter="")
    yield "choose_counter", replace(choosing, counters=counters[:8])
    yield "choose_counter-few", replace(choosing, counters=counters[:3])
    yield "choose_counter-many", replace(choosing, counters=counters)
    for name, rating in (("bad", 1), ("neutral", 3), ("good", 5)):
        yield f"follow_up-{name}", follow_up(talking, rating)
    yield (
        "follow_up-chosen",
        replace(follow_up(talking, 2), chosen=frozenset({"R1", "R4"}), can_undo=False),
    )
    yield "follow_up-thanks", replace(view, state="follow_up", can_undo=True)
    code = replace(view, state="code", code="7K2M-9QXD-4TBW")
    yield "code", code
    yield "code-qr", replace(code, code_qr="https://hailong.example/v/7K2M-9QXD-4TBW")
    yield "thanks", replace(view, state="thanks")


def follow_up(view: View, rating: int) -> View:
    """What is asked after a rating unless a configuration says otherwise."""
    words = load_catalogues()[view.locale]
    reasons = tuple(Reason(code, words[f"reason.{code}"]) for code in OFFERED[rating])
    return replace(view, state="follow_up", reasons=reasons, can_undo=True)


def _official_views(view: View) -> Iterator[tuple[str, View]]:
    sign_in = replace(view, state="sign_in", last_official="CB-0103")
    yield "sign_in", sign_in
    yield "pin", replace(sign_in, picked_official="CB-0101")
    yield "sign_out", sign_in
    places = tuple((f"M-{n}", f"Nhà văn hóa thôn {n}") for n in range(1, 9))
    yield "choose_place", replace(view, state="choose_place", places=places)
    yield "choose_place-few", replace(view, state="choose_place", places=places[:3])
    out_of_order = replace(view, state="out_of_order")
    yield "out_of_order", out_of_order
    yield "out_of_order-qr", replace(out_of_order, rate_qr="https://hailong.example/q/99001-1")
    yield "needs_enrolment", replace(view, state="needs_enrolment")


def _technician_views(view: View) -> Iterator[tuple[str, View]]:
    locked = replace(view, state="technician")
    yield "technician-locked", locked
    view = replace(locked, technician=_technician(view.locale))
    for tab in ("facts", "codes", "test"):
        yield f"technician-{tab}", view
    kept_out = replace(view.technician, facts=_kept_out(view.technician.facts, view.locale))
    yield "technician-kept-out", replace(view, technician=kept_out)
    filling = replace(view.technician, facts=_filling(view.technician.facts, view.locale))
    yield "technician-filling", replace(view, technician=filling)
    doubted = replace(view.technician, facts=_contradicted(view.technician.facts, view.locale))
    yield "technician-contradicted", replace(view, technician=doubted)
    yield "technician-mobile", replace(view, places=(("M-1", "Nhà văn hóa thôn 1"),))
    yield "technician-enrol", view


def _filling(facts: tuple[tuple[str, str], ...], locale: str) -> tuple[tuple[str, str], ...]:
    """Of a unit whose card has little room left."""
    words = load_catalogues().get(locale) or load_catalogues()[SOURCE]
    disk = words["facts.disk_low"].format(free="2800 MB", total="15 GB", percent=18)
    changed = ((key, disk if key == "disk" else value) for key, value in facts)
    return (("advice", words["advice.disk"]), *changed)


def _contradicted(facts: tuple[tuple[str, str], ...], locale: str) -> tuple[tuple[str, str], ...]:
    """Of a unit that was shown two histories."""
    words = load_catalogues().get(locale) or load_catalogues()[SOURCE]
    since = words["facts.contradicted"].format(since="21/09/2026 20:10:05")
    changed = ((key, f"{value}; {since}" if key == "log" else value) for key, value in facts)
    return (("advice", words["advice.contradiction"]), *changed)


def _kept_out(facts: tuple[tuple[str, str], ...], locale: str) -> tuple[tuple[str, str], ...]:
    """Of a unit whose card has a twin: the longest page there is."""
    words = load_catalogues().get(locale) or load_catalogues()[SOURCE]
    handed = words["facts.handed"].format(kept=120, waiting=3)
    changed = {"journal": f"6f9619ff · {words['facts.state_forked']}"}
    return (
        ("advice", words["advice.forked"]),
        ("faults", "button-3: stuck"),
        *((key, changed.get(key, value)) for key, value in facts),
        ("handed", handed),
    )


def _technician(locale: str) -> Technician:
    """A unit that is well; signed head and checkpoint have the length of real ones."""
    vi = locale == "vi"
    facts = {
        "kiosk": "kiosk-01 · Quầy số 1",
        "key": "4f1c09ab",
        "version": "0.1.0",
        "config": "7",
        "journal": f"6f9619ff · {'hoạt động' if vi else 'open'}",
        "waiting": "12 bản ghi, cũ nhất 3 giờ" if vi else "12, oldest 3 h",
        "log": f"1204511 {'bản ghi' if vi else 'entries'} · 3q2+7wAB · "
        f"{'của máy đến' if vi else 'own to'} 123456",
        "disk": "còn 24 GB / 29 GB (82%)" if vi else "24 GB free of 29 GB (82%)",
        "network": f"eth0: 192.168.10.21, wlan0: {'chưa nối' if vi else 'not connected'}",
        "server": "https://hailong.tinhmau.example",
        "contact": "3 giờ trước" if vi else "3 h ago",
        "clock": f"21/09/2026 21:13:20, {'chưa đồng bộ' if vi else 'not synchronized'}",
        "rtc": "21/09/2026 21:13:21",
        "temperature": "48 °C",
        "voice": "giọng máy tạm thời" if vi else "stand-in",
    }
    checkpoint = f"hailong.tinhmau.example/log\n1204511\n{'C' * 43}=\n\n"
    note = f"kiosk-01/journal/6f9619ff-8b86-4d01-b42d-00c04fc964ff\n123456\n{'A' * 43}=\n\n"
    return Technician(
        unlocked=True,
        facts=tuple(facts.items()),
        seen=(1, 4),
        buttons=(1, 2, 3, 4, 5),
        head_qr=f"{note}— kiosk-01 {'B' * 92}\n",
        checkpoint_qr=f"{checkpoint}— hailong.tinhmau.example/log {'D' * 92}\n",
        brightness=70,
    )


def touch_before(name: str, screen: Any) -> None:
    """What somebody has touched before this photograph of a screen is taken."""
    if name == "pin":
        screen.pin = "00"
    elif name == "sign_out":
        screen.ask_to_leave()
    elif name in ("technician-codes", "technician-test", "technician-enrol"):
        screen.open_tab(name.partition("-")[2])
