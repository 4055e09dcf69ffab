"""Out of order, or not enrolled: no faces, a paper slip, and a phone where that is possible."""

from typing import Any

import pytest

ADDRESS = "https://hailong.example/q/99001-1"


def words_on(stage: Any) -> str:
    from kiosk.screens.text import Text

    return " ".join(w.text for w in stage.root.walk() if isinstance(w, Text)).replace("\xa0", " ")


def codes_on(stage: Any) -> list[Any]:
    from kiosk.screens.qr import QrCode

    return [w for w in stage.root.walk() if isinstance(w, QrCode) and w.text]


@pytest.mark.parametrize("state", ["out_of_order", "needs_enrolment"])
def test_it_offers_a_paper_slip_and_no_faces(stage: Any, state: str) -> None:
    from kiosk.screens.face_choices import FaceCard

    stage.show(state=state)
    assert "Xin dùng phiếu giấy để góp ý." in words_on(stage)
    assert not any(isinstance(w, FaceCard) for w in stage.root.walk())
    stage.type(51)
    assert not any(deed[0] == "face" for deed in stage.deeds)


@pytest.mark.parametrize("state", ["out_of_order", "needs_enrolment"])
def test_with_an_address_one_may_rate_by_phone(stage: Any, state: str) -> None:
    stage.show(state=state)
    assert codes_on(stage) == []
    assert "Quét mã" not in words_on(stage)
    stage.show(state=state, rate_qr=ADDRESS)
    assert [code.text for code in codes_on(stage)] == [ADDRESS]
    assert "Quét mã để góp ý bằng điện thoại." in words_on(stage)


def test_the_code_is_coarse_enough_to_be_read_by_a_phone(stage: Any) -> None:
    from kiosk.screens.metrics import PIXELS_PER_MM

    stage.show(state="out_of_order", rate_qr=ADDRESS)
    code = codes_on(stage)[0]
    assert int(min(code.size) / code._texture.width) / PIXELS_PER_MM >= 1


def test_only_an_unenrolled_kiosk_tells_the_technician_what_to_do(stage: Any) -> None:
    stage.show(state="out_of_order", message="Thẻ nhớ đã đầy.")
    assert "Thẻ nhớ đã đầy." in words_on(stage)
    assert "Kỹ thuật viên" not in words_on(stage)
    stage.show(state="needs_enrolment")
    assert "rồi đăng ký máy bằng mã" in words_on(stage)
