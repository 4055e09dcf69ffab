"""Draws a wiring on the 40-pin header as plain text, the way a technician looks at the board."""

from __future__ import annotations

from .wiring import Wiring, pin_uses

LABELS = {5: "Rất hài lòng", 4: "Hài lòng", 3: "Bình thường", 2: "Không hài lòng",
          1: "Rất không hài lòng"}  # fmt: skip

# GPIO number, or what else the pin carries, from pin 1 to 40; the same on every Pi since 2014.
# Source: Raspberry Pi documentation, "GPIO and the 40-pin header".
HEADER: tuple[int | str, ...] = (
    "3.3 V", "5 V", 2, "5 V", 3, "GND", 4, 14, "GND", 15, 17, 18, 27, "GND", 22, 23, "3.3 V", 24,
    10, "GND", 9, 25, 11, 8, "GND", 7, 0, 1, 5, "GND", 6, 12, 13, "GND", 19, 16, 26, 20, "GND", 21,
)  # fmt: skip
INVITE_LABEL = "mời, phía cán bộ"
PIN_OF_GPIO = {carries: i for i, carries in enumerate(HEADER, 1) if isinstance(carries, int)}


def draw_wiring(wiring: Wiring) -> list[str]:
    """Lines of text: the header seen from above, pin 1 top left, with what is wired where."""
    uses = dict(pin_uses(wiring))
    other = "ground" if wiring.active == "low" else "3.3 V (pin 1 or 17; 5 V would kill the Pi)"
    lines = [wiring.title, ""]
    for pin in range(1, 41, 2):
        left, right = (_carried(HEADER[i], uses) for i in (pin - 1, pin))
        lines.append(f"{left:>24} [{pin:>2}|{pin + 1:<2}] {right}".rstrip())
    lines += ["", f"Each button connects its pin to {other}; the pull resistor is inside the Pi."]
    lines += [f"  {b}  {LABELS[b]}" for b in wiring.buttons]
    if wiring.invite is not None:
        lines.append("  invite     the official's button or a queue system's contact, wired alike")
    if wiring.duty_lamp is not None:
        lines.append("  duty lamp  seen by the official only; lit while somebody is signed in")
    return lines


def _carried(carries: int | str, uses: dict[int, str]) -> str:
    if isinstance(carries, str):
        return carries
    use = uses.get(carries)
    return f"{use} = GPIO {carries}" if use else "·"
