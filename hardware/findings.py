"""What the self-test says, in Vietnamese and English: what to do, what was seen, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .header import INVITE_LABEL, LABELS, PIN_OF_GPIO
from .keypad import KEYS
from .panel import Press
from .telling import INVITE, part_of
from .wiring import Wiring, is_output, pin_uses

# part without its number -> in Vietnamese
_PARTS = {"button": "nút", "lamp": "đèn", "invite": "nút mời", "buzzer": "còi",
          "duty-lamp": "đèn trực", "keypad": "bàn phím số"}  # fmt: skip
_RESULTS = {"stuck": "KẸT / STUCK", "noisy": "CHẬP CHỜN / NOISY", "missing": "THIẾU / MISSING"}
_KINDS = {
    "stuck": (
        "bị kẹt: đang bị giữ, hoặc dây chạm vào dây khác.",
        "is stuck: it is held down, or its wire touches another.",
    ),
    "noisy": (
        "chập chờn: dây lỏng hoặc có nước.",
        "is noisy: it chatters by itself, as a loose wire or water does.",
    ),
    "missing": (
        "không dùng được, xem câu báo ở trên.",
        "is missing: it cannot be had, the sentence above says why.",
    ),
}


@dataclass(frozen=True)
class Tested:
    """What there is to be tested. Keys of a keypad have no GPIO."""

    title: str
    inputs: Mapping[int, int | None]  # button, or INVITE -> GPIO
    outputs: tuple[tuple[int, str], ...] = ()  # as pin_uses()


@dataclass(frozen=True)
class Seen:
    """What was seen of one input."""

    button: int  # or INVITE
    presses: int
    bounces: int


KEYPAD = Tested("bàn phím số / USB keypad", dict.fromkeys(sorted(set(KEYS.values()), reverse=True)))


def tested_of(wiring: Wiring) -> Tested:
    """All that is wired."""
    invite = {} if wiring.invite is None else {INVITE: wiring.invite}
    outputs = tuple((gpio, use) for gpio, use in pin_uses(wiring) if is_output(use))
    return Tested(wiring.title, {**wiring.buttons, **invite}, outputs)


def instructions(tested: Tested, seconds: float) -> list[str]:
    """What the technician does now, and what is to be seen and heard."""
    count, vi, en = len(tested.inputs), "", ""
    if INVITE in tested.inputs:
        count, vi, en = count - 1, " và nút mời phía cán bộ", " and the official's invite button"
    return [
        "Tự kiểm tra bảng nút bấm",
        f"Panel self-test: {tested.title}",
        *_answers([use for _, use in tested.outputs]),
        f"Bấm mỗi nút trong {count} nút{vi} một lần, trong {seconds:g} giây; nhãn nút phải đúng như"
        " dòng hiện ra.",
        f"Press each of the {count} buttons{en} once, within {seconds:g} seconds; its label must be"
        " the line that appears.",
    ]


def _answers(uses: list[str]) -> list[str]:
    """What lamps and buzzer do, as far as there are any."""
    lamps = sum(use.startswith("lamp") for use in uses)
    vi = [f"cả {lamps} đèn cùng nháy"] if lamps else []
    en = [f"all {lamps} lamps flash together"] if lamps else []
    if "buzzer" in uses:
        vi, en = [*vi, "còi kêu"], [*en, "the buzzer sounds"]
    lines = []
    if vi:
        lines += [f"Lúc này và mỗi lần bấm: {', '.join(vi)}."]
        lines += [f"Now, and at each press: {', '.join(en)}."]
    if "duty lamp" in uses:
        lines += ["Đèn trực sáng đến khi kết thúc, chỉ cán bộ thấy."]
        lines += ["The duty lamp is lit until the end, for the official's eyes only."]
    return lines


def pressed(press: Press) -> str:
    """The line that answers a press."""
    together = ", nút khác đang bị giữ / while another was down" if press.others_down else ""
    return f"  nút / button {press.button}  {LABELS[press.button]}{together}"


def table(tested: Tested, seen: Iterable[Seen], faults: Mapping[str, str]) -> list[str]:
    """Each input with what was seen of it, each output; `faults` is part -> kind."""
    lines = [
        "",
        _row("đầu vào", "GPIO", "chân", "lần bấm", "lần nảy", "kết quả"),
        _row("input", "GPIO", "pin", "presses", "bounces", "result"),
    ]
    for one in seen:
        gpio = tested.inputs[one.button]
        label = INVITE_LABEL if one.button == INVITE else LABELS[one.button]
        lines.append(
            _row(f"{_short(one.button):<6} {label}", _or_dash(gpio),
                 _or_dash(gpio and PIN_OF_GPIO[gpio]), str(one.presses), str(one.bounces),
                 _result(one, faults))
        )  # fmt: skip
    if tested.outputs:
        lines += ["", f"{'đầu ra':<29} {'GPIO':>6} {'chân':>4}  kết quả"]
        lines += [f"{'output':<29} {'GPIO':>6} {'pin':>4}  result"]
    for gpio, use in tested.outputs:
        part = use.replace(" ", "-")
        name, kind = f"{_name(part)} / {use}", faults.get(part)
        result = _RESULTS[kind] if kind else "nhìn, nghe / look and listen"
        lines.append(f"{name:<29} {gpio:>6} {PIN_OF_GPIO[gpio]:>4}  {result}")
    return lines


def verdict(tested: Tested, missing: Iterable[int], faults: Mapping[str, str]) -> list[str]:
    """Faults, then what was not seen; each as a line for either reader."""
    lines = [""]
    for part, kind in faults.items():
        vi, en = _KINDS[kind]
        lines.append(f"LỖI: {_name(part)} {vi}")
        lines.append(f"FAULT: {part.replace('-', ' ')} {en}")
    if names := ", ".join(map(_short, missing)):
        return [
            *lines,
            f"KHÔNG THẤY: {names}. Kiểm tra đầu cắm và dây.",
            f"NOT SEEN: {names}. Check the plug and the wiring.",
        ]
    count = len(tested.inputs)
    return [*lines, f"Đã thấy cả {count} đầu vào.", f"All {count} inputs were seen."]


def _row(name: str, gpio: str, pin: str, presses: str, bounces: str, result: str) -> str:
    return f"{name:<29} {gpio:>6} {pin:>4} {presses:>8} {bounces:>8}  {result}"


def _result(seen: Seen, faults: Mapping[str, str]) -> str:
    if kind := faults.get(part_of(seen.button)):
        return _RESULTS[kind]
    if seen.presses:
        return "thấy / seen"
    only = ", chỉ có nhiễu / NOT SEEN, glitches only"
    return f"KHÔNG THẤY{only if seen.bounces else ' / NOT SEEN'}"


def _name(part: str) -> str:
    """A fault's part in Vietnamese."""
    kind, _, number = part.rpartition("-")
    return f"{_PARTS[kind]} {number}" if number.isdigit() else _PARTS[part]


def _short(button: int) -> str:
    return "invite" if button == INVITE else str(button)


def _or_dash(number: int | None) -> str:
    return "-" if number is None else str(number)
