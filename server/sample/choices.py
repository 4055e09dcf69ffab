"""What was chosen for the demo's kiosks: every hour is open, every story is marked as made up."""

from pathlib import Path

from protocol.configuration import ConfigStory
from server.fleet.choosing import set_settings
from server.fleet.chosen import Chosen
from server.fleet.selectors import chosen_of_unit

ADMIN_PIN = "2468"  # four digits, like the officials': the sample's alone are so short
# No opening hours: whoever tries the demo at night, or past midnight, stays signed in.
CHOSEN = Chosen(
    stories=(
        ConfigStory(
            said={
                "vi": "(Mẫu) Sáng thứ Hai chờ lấy số quá lâu.",
                "en": "(Sample) Too long a wait on Monday mornings.",
            },
            did={
                "vi": "(Mẫu) Sáng thứ Hai mở thêm một quầy từ 7 giờ 30.",
                "en": "(Sample) One more counter opens at 7:30 on Mondays.",
            },
        ),
        ConfigStory(
            said={
                "vi": "(Mẫu) Không rõ hồ sơ đất đai cần những giấy tờ gì.",
                "en": "(Sample) Unclear which papers a land dossier needs.",
            },
            did={
                "vi": "(Mẫu) Đã dán danh mục giấy tờ bằng chữ to tại Quầy số 2.",
                "en": "(Sample) A list in large print now hangs at counter 2.",
            },
        ),
    ),
    admin_pin=ADMIN_PIN,
)


def make(*, unit: str, now_ms: int) -> None:
    """Settings for the kiosks of a sample unit, unless somebody has set some already."""
    if not chosen_of_unit(unit):
        set_settings(id=unit, chosen=CHOSEN, folder=Path(), now_ms=now_ms)
