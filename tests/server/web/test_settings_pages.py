"""Settings from the administrator's browser: form, preview, publishing, history, going back."""

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.configuration import BadConfig, Config, read_config
from tests.server.fleet.test_settings import put, shown, versions
from tests.server.web.conftest import HOSTILE, Office
from tests.server.web.test_enrolment_pages import text_of

UNIT = "/settings/unit/99001/"


@pytest.fixture
def kiosk(office: Office) -> str:
    return office.kiosks["99001-1"].kiosk


def fields(reply: Any) -> dict[str, str]:
    """The hidden fields of the form that publishes."""
    page = reply.content.decode()
    (toml,) = re.findall(r'<textarea name="toml" hidden>(.*?)</textarea>', page, re.S)
    (base,) = re.findall(r'name="base" value="(\d+)"', page)
    import html

    return {"toml": html.unescape(toml), "base": base}


def publish(client: Any, preview: Any, address: str = UNIT, **given: str) -> Any:
    return client.post(address, {"do": "publish", **fields(preview), **given})


def form(client: Any = None, **given: Any) -> dict[str, Any]:
    """The form filled in; with a client, as it is after what was changed before."""
    page = client.get(UNIT).content.decode() if client else 'name="base" value="0"'
    (base, *_) = re.findall(r'name="base" value="(\d+)"', page)
    return {"do": "form", "base": base, **given}


def test_what_is_filled_in_is_previewed_published_and_heard(
    office: Office, kiosk: str, reader: Any
) -> None:
    client = reader("admin")
    given = form(**{"own-question": "1", "question-vi": "Hôm nay thế nào?", "question-en": "How?",
                    "first": "vi", "others": ["en"], "own-scale": "1", "scale": "vn3",
                    "own-undo_s": "1", "undo_s": "7"})  # fmt: skip
    preview = client.post(UNIT, given)
    assert preview.status_code == 200
    text = text_of(preview)
    assert "Màn hình của 3 trên 3 thiết bị sẽ khác." in text
    assert "Tiếng Việt: Hôm nay thế nào?" in text and "3 mức" in text
    assert versions(kiosk) == 1  # nothing is kept yet
    reply = publish(client, preview, why="Theo góp ý")
    assert reply.status_code == 302
    assert "Bản mới cho 3 thiết bị" in text_of(client.get(UNIT))
    config = shown(kiosk)
    assert (config.scale, config.undo_s, config.question["vi"]) == ("vn3", 7, "Hôm nay thế nào?")
    assert (config.locales, versions(kiosk)) == (("vi", "en"), 2)
    history = text_of(client.get(f"{UNIT}history/"))
    assert "Theo góp ý" in history and "admin" in history
    page = text_of(client.get(f"/settings/kiosk/{kiosk}/"))
    assert "Thiết bị chưa báo đang dùng bản nào" in page and "Bản 2" in page


def test_a_key_that_is_unticked_follows_the_level_above_again(
    office: Office, kiosk: str, reader: Any
) -> None:
    put("99001", "undo_s = 5\nfollow_up_s = 20")
    client = reader("admin")
    assert publish(client, client.post(UNIT, form(client))).status_code == 302
    assert (shown(kiosk).undo_s, shown(kiosk).follow_up_s) == (10, 20)  # not in the form: stays


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"own-undo_s": "1", "undo_s": "61"}, "một số từ 0 đến 60"),
        ({"own-undo_s": "1", "undo_s": "²"}, "một số từ 0 đến 60"),
        ({"own-scale": "1", "scale": "vn9"}, "Hãy chọn một thang"),
        ({"own-question": "1", "question-vi": "", "first": "vi"}, "Chưa có câu hỏi bằng: vi"),
        ({"own-officials": "1", "show_official": "1", "legal_basis": " "}, "căn cứ pháp lý"),
        ({"own-reasons": "1", "asks": "1"}, "Hãy chọn lý do"),
        ({"own-reasons": "1", "asks": "1", "reason-R1": ["1"]}, "số lý do bằng nhau"),
        ({"own-reasons": "1", "asks": "1", **{f"reason-{c}": ["1", "2", "3", "4", "5"]
          for c in ("R1", "R2", "R3", "R4", "P1", "P2", "P3")}}, "quá 6 lý do"),
        ({"own-reasons": "1", "asks": "1", "reason-P1": ["1", "2", "3", "4", "5"]}, "R6 và R9"),
        ({"own-hours": "1", "hours-0-start": "07:30"}, "ít nhất một ngày"),
        ({"own-hours": "1", "hours-0-day": ["1"], "hours-0-start": "09:00",
          "hours-0-end": "08:00"}, "từ 09:00 đến 08:00 là không có"),
        ({"own-voice": "1", "percent": "101"}, "một số từ 0 đến 100"),
        ({"own-stories": "1", "story-0-said-vi": "A"}, "cả hai câu"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_vietnamese_beside_its_field(
    office: Office, kiosk: str, reader: Any, given: dict[str, Any], sentence: str
) -> None:
    reply = reader("admin").post(UNIT, form(**given))
    assert reply.status_code == 422
    (field,) = [key.removeprefix("own-") for key in given if key.startswith("own-")]
    page = reply.content.decode()
    fieldset = page[page.index(f'name="own-{field}"') :]
    assert sentence in text_of(
        type("R", (), {"content": fieldset[: fieldset.index("</fieldset>")].encode()})
    )
    assert versions(kiosk) == 1


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("scale =", "không đúng dạng TOML"),
        ("colour = 1", "Không có mục nào tên là colour"),
        ("undo_s = 61", "Giá trị này không dùng được"),
        ('locales = ["vi", "fr"]', "Chưa có câu hỏi bằng: fr"),
        ('admin_pin = "123456"', "ô riêng bên dưới"),
        ('admin_pin = ""', "ô riêng bên dưới"),
        ('pictures = ["../../etc/passwd"]', "không có trên máy chủ"),
        ('pictures = ["server.toml"]', "không có trên máy chủ"),
        ('counters = ["99001-1", "99001-2"]', "Không dùng được"),
    ],
)
def test_toml_that_cannot_be_used_is_given_back_with_what_is_wrong(
    office: Office, kiosk: str, reader: Any, toml: str, sentence: str
) -> None:
    reply = reader("admin").post(UNIT, {"do": "toml", "toml": toml, "base": "0"})
    assert reply.status_code == 422
    assert sentence in text_of(reply)
    assert (
        reader("admin").post(UNIT, {"do": "publish", "toml": toml, "base": "0"}).status_code == 422
    )
    assert versions(kiosk) == 1


def sent_by_a_browser(client: Any, address: str = UNIT) -> QueryDict:
    """Everything that a browser sends of the form as it is shown, and nothing edited."""
    from html.parser import HTMLParser

    sent = QueryDict("do=form", mutable=True)

    class Reader(HTMLParser):
        within, area, select = False, "", ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            have = {key: value or "" for key, value in attrs}
            if tag == "form":
                self.within = have.get("class") == "settings-form"
            if not self.within:
                return
            if tag == "select":
                self.select = have["name"]
            elif tag == "option" and "selected" in have:
                sent.appendlist(self.select, have["value"])
            elif tag == "textarea":
                self.area = have["name"]
                sent[self.area] = ""
            elif (tag == "input" and "name" in have) and (
                have.get("type") not in ("checkbox", "radio") or "checked" in have
            ):
                sent.appendlist(have["name"], have.get("value", ""))

        def handle_data(self, data: str) -> None:
            if self.area:
                sent[self.area] += data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                self.area = ""

    Reader().feed(client.get(address).content.decode())
    return sent


EVERYTHING = """
locales = ["en", "vi"]
question = {vi = "Thế nào?  Tốt?", en = "How?", fr = "Comment ?"}
scale = "vn4"
undo_s = 5
invite = false
voice = {invite = false, listen = true, percent = 30}
show_official = true
legal_basis = "Quyết định  mẫu"
hours = [{days = [2, 1], start = "07:30", end = "11:30"}]
stories = [{said = {vi = "A"}, did = {vi = "B", en = "C"}}]
"""


@pytest.mark.parametrize("toml", ["", EVERYTHING])
def test_a_form_that_nobody_touched_is_no_edit_and_there_is_nothing_to_publish(
    office: Office, kiosk: str, reader: Any, toml: str
) -> None:
    put("99001", toml)
    client, address = reader("admin"), "/settings/counter/99001-1/"
    before = versions(kiosk)
    reply = client.post(address, dict(sent_by_a_browser(client, address).lists()))
    assert reply.status_code == 200
    assert "Không có gì để công bố" in text_of(reply)
    assert 'value="publish"' not in reply.content.decode()
    client.post(address, {"do": "publish", "toml": "", "base": "0"})
    assert "Không có gì để công bố" in text_of(client.get(address))
    assert versions(kiosk) == before


@pytest.mark.parametrize(
    ("field", "edit"),
    [("scale", {"scale": "vn3"}), ("undo_s", {"undo_s": "7"}), ("question", {"question-vi": "?"}),
     ("reasons", {"reason-R1": ""}), ("voice", {"percent": "5"}),
     ("hours", {"hours-0-start": "7:30"}), ("officials", {"legal_basis": "x"}),
     ("stories", {"story-0-said-vi": "x"})],
)  # fmt: skip
def test_an_edit_that_was_not_ticked_is_said_ticked_and_not_dropped(
    office: Office, kiosk: str, reader: Any, field: str, edit: dict[str, str]
) -> None:
    client = reader("admin")
    sent = sent_by_a_browser(client)
    for name, value in edit.items():
        sent[name] = value
    reply = client.post(UNIT, dict(sent.lists()))
    page = reply.content.decode()
    assert reply.status_code == 422 and "máy chủ đã đánh dấu giúp" in page
    assert re.search(rf'name="own-{field}" value="1" checked', page)
    assert f'name="shown-{field}" value="told"' in page
    sent[f"shown-{field}"] = "told"  # and it is unticked again: meant
    assert "Không có gì để công bố" in text_of(client.post(UNIT, dict(sent.lists())))


def test_what_is_wrong_is_listed_with_links_and_tied_to_its_input(
    office: Office, reader: Any
) -> None:
    reply = reader("admin").post(
        UNIT, form(**{"own-undo_s": "1", "undo_s": "61", "own-voice": "1", "percent": "x"})
    )
    page = reply.content.decode()
    assert re.findall(r'<li><a href="#(\w+)">', page) == ["percent", "undo_s"]
    for place, field in (("percent", "voice"), ("undo_s", "undo_s")):
        (tag,) = re.findall(rf'<input id="{place}"[^>]*>', page)
        assert f'aria-invalid="true" aria-describedby="wrong-{field}"' in tag
        assert f'id="wrong-{field}"' in page
    assert page.count("aria-invalid") == 2


def test_a_difference_names_the_value_that_was_followed_and_whose_it_was(
    office: Office, reader: Any
) -> None:
    put("99001", "undo_s = 5")
    client, address = reader("admin"), "/settings/counter/99001-1/"
    preview = client.post(address, form(**{"own-undo_s": "1", "undo_s": "7",
                                           "own-scale": "1", "scale": "vn3"}))  # fmt: skip
    text = text_of(preview)
    assert "undo_s 5 (theo Xã Mẫu Một) 7" in text and "scale 5 mức (sẵn có) 3 mức" in text
    assert "Sau khi chọn “Không hài lòng”" in text  # the worst face of three
    assert "Rất không" not in text
    assert publish(client, preview, address).status_code == 302
    assert "theo cấp trên" in text_of(client.get(f"{address}history/"))  # as it was then: unkept
    assert "10 (sẵn có) 5" in text_of(client.get(f"{UNIT}history/"))


def test_the_drawing_says_what_the_kiosk_says_before_anybody_signed_in(office: Office) -> None:
    from kiosk.locale import load_words
    from server.web import screens

    for locale in ("vi", "en"):
        said = load_words(locale)
        assert screens.KEYS[locale]["unsigned"] == said["asking.unsigned"]
        assert screens.KEYS[locale]["listen"] == said["asking.listen"]


def test_somebody_who_changed_it_meanwhile_is_not_overwritten_unseen(
    office: Office, kiosk: str, reader: Any
) -> None:
    client = reader("admin")
    preview = client.post(UNIT, form(**{"own-undo_s": "1", "undo_s": "7"}))
    put("99001", "undo_s = 5")
    reply = publish(client, preview)
    assert reply.status_code == 409
    assert "có người khác đã đổi" in text_of(reply)
    assert shown(kiosk).undo_s == 5
    assert publish(client, reply).status_code == 302  # seen, and meant
    assert shown(kiosk).undo_s == 7


def test_going_back_is_previewed_and_is_a_new_version(
    office: Office, kiosk: str, reader: Any
) -> None:
    put("99001", "undo_s = 5")
    put("99001", "undo_s = 6")
    client = reader("admin")
    history = client.get(f"{UNIT}history/").content.decode()
    (change,) = re.findall(r'name="change" value="(\d+)"', history)
    (base,) = re.findall(r'name="base" value="(\d+)"', history)
    preview = client.post(UNIT, {"do": "back", "change": change, "base": base})
    assert "như một thay đổi mới" in text_of(preview)
    assert publish(client, preview, why="Như cũ").status_code == 302
    assert (shown(kiosk).undo_s, versions(kiosk)) == (5, 4)
    assert text_of(client.get(f"{UNIT}history/")).count("Thay đổi số") == 3


@pytest.mark.parametrize(
    "given",
    [
        {"do": "back", "change": "9" * 5000},
        {"do": "back", "change": "²"},
        {"do": "back"},
        {"do": "form", "own-undo_s": "1", "undo_s": "0" * 5000},
        {"do": "form", "own-undo_s": "1", "undo_s": "x", "reason-R1": ["²", "9" * 5000]},
        {"do": "toml", "toml": "undo_s = " + "9" * 5000},
        {"do": "toml", "toml": 'counters = ["\\u0000", "a"]'},
        {"do": "toml", "toml": "\x00"},
        {"do": "toml", "toml": "places = " + "[" * 9000},
        {"do": "toml", "toml": "undo_s = 1979-05-27"},
        {"do": "toml", "toml": "undo_s = inf"},
        {"do": "pin", "pin": "²²²²²²"},
    ],
)
def test_odd_numbers_and_characters_are_refused_in_words(
    office: Office, kiosk: str, reader: Any, given: dict[str, Any]
) -> None:
    reply = reader("admin").post(UNIT, given)
    assert (reply.status_code, versions(kiosk)) == (422, 1)
    assert 'class="wrong"' in reply.content.decode()


def test_a_kiosk_whose_counter_is_gone_still_opens_to_be_mended(
    office: Office, kiosk: str, reader: Any
) -> None:
    from server.organisation.models import Counter

    put(kiosk, 'counters = ["99001-1", "99001-2"]')
    Counter.objects.filter(code="99001-2").delete()
    client, page = reader("admin"), f"/settings/kiosk/{kiosk}/"
    assert "Màn hình hiện nay" not in text_of(client.get(page))
    preview = client.post(page, {"do": "toml", "toml": "", "base": "1"})
    assert preview.status_code == 200
    assert publish(client, preview, page, base=form_base(client, page)).status_code == 302
    assert "Màn hình hiện nay" in text_of(client.get(page))


def form_base(client: Any, page: str) -> str:
    return re.findall(r'name="base" value="(\d+)"', client.get(page).content.decode())[0]


def test_the_technicians_pin_has_a_form_of_its_own_and_stands_nowhere(
    office: Office, kiosk: str, reader: Any
) -> None:
    from protocol.verifiers import ADMIN, check_pin
    from server.fleet.models import SettingsChange

    client = reader("admin")
    assert "từ 4" in text_of(client.post(UNIT, {"do": "pin", "pin": "12a"}))
    assert "Hãy ghi mã PIN mới" in text_of(client.post(UNIT, {"do": "pin", "pin": ""}))
    assert client.post(UNIT, {"do": "pin", "pin": "135791"}).status_code == 302
    verifier = shown(kiosk).admin_pin or ""
    assert check_pin(verifier, kiosk=kiosk, official=ADMIN, pin="135791")
    pages = [client.get(each).content.decode() for each in (UNIT, f"{UNIT}history/")]
    assert "135791" not in "".join(pages) + str(list(SettingsChange.objects.values()))
    sealed = SettingsChange.objects.get().after["admin_pin"]
    assert sealed not in "".join(pages)
    assert client.post(UNIT, {"do": "pin", "pin-none": "1"}).status_code == 302
    assert shown(kiosk).admin_pin is None


def test_a_supervisor_reads_and_changes_nothing(office: Office, kiosk: str, reader: Any) -> None:
    from server.organisation.models import Unit
    from server.organisation.services import make_unit

    put("99001", "undo_s = 5")
    client = reader("supervisor")
    page = client.get(UNIT)
    assert "Mọi giá trị và nơi chọn" in text_of(page) and "<textarea" not in page.content.decode()
    assert client.get("/settings/").headers["Location"] == UNIT
    assert "Trở lại" not in text_of(client.get(f"{UNIT}history/"))
    make_unit(code="99", name="Tỉnh Mẫu")
    Unit.objects.filter(code="99001").update(parent="99")
    path = client.get(UNIT).content.decode()
    assert "› Tỉnh Mẫu" in path and "/settings/unit/99/" not in path
    assert "/settings/unit/99/" in reader("admin").get(UNIT).content.decode()
    for sent in (
        form(),
        {"do": "pin", "pin": "135791"},
        {"do": "publish", "toml": "", "base": "1"},
    ):
        assert client.post(UNIT, sent).status_code == 403
    for address in ("/settings/unit/99002/", "/settings/counter/99002-1/", "/settings/unit/99009/",
                    "/settings/nothing/99001/", "/settings/unit/%00/"):  # fmt: skip
        assert client.get(address).status_code == 403
    assert shown(kiosk).undo_s == 5


def test_many_kiosks_are_left_to_work_and_the_page_says_so(
    office: Office, kiosk: str, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.fleet.settings_publishing import publish_pending

    monkeypatch.setattr("server.web.settings_pages.MOST_AT_ONCE", 1)
    client = reader("admin")
    publish(client, client.post(UNIT, form(**{"own-undo_s": "1", "undo_s": "7"})))
    assert "chưa đến lượt 2 thiết bị" in text_of(client.get(UNIT))
    while publish_pending(now_ms=1):
        pass
    assert "chưa đến lượt" not in text_of(client.get(UNIT))


def test_what_a_kiosk_has_reported_stands_beside_its_versions(
    office: Office, kiosk: str, reader: Any
) -> None:
    import msgspec

    from protocol.status import Status
    from server.fleet.models import KioskStatus

    status = Status(
        v=1, software="1", boot="b", wall_ms=1, mono_ms=1, sync=True, uptime_s=1, config=1,
        refused=2, unsent=0, disk=None, temperature_mc=None, faults=(), attention=(), head="h",
        checkpoint=None,
    )  # fmt: skip
    KioskStatus.objects.create(
        kiosk_id=kiosk, journal="j", ms=1, received_ms=1, body=msgspec.json.encode(status)
    )
    page = text_of(reader("admin").get(f"/settings/kiosk/{kiosk}/"))
    assert "đang dùng bản 1" in page and "không dùng được bản 2" in page


def test_the_pages_ask_the_database_no_more_for_more_kiosks(
    office: Office, reader: Any, django_assert_max: Any
) -> None:
    from server.fleet.services import make_kiosk

    client = reader("admin")
    few = django_assert_max(lambda: client.get(UNIT))
    for _ in range(20):
        make_kiosk(counter="99001-2", now_ms=1)
    assert django_assert_max(lambda: client.get(UNIT)) <= few


@pytest.fixture
def django_assert_max() -> Any:
    """How many queries some work takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(work: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert work().status_code == 200
        return len(captured)

    return count


def config_of(scale: str, question: str) -> Config:
    from server.fleet.configuration import BUILT_IN

    return Config(
        v=1, kiosk={"id": "k", "name": HOSTILE}, unit={"code": "1", "name": HOSTILE},  # type: ignore[arg-type]
        counter={"code": "1", "number": 1, "name": HOSTILE}, timezone="Asia/Ho_Chi_Minh",  # type: ignore[arg-type]
        **(BUILT_IN | {"scale": scale, "question": {"vi": question, "en": question}}),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["vn5", "vn4", "vn3"]), st.text(min_size=1, max_size=300))
def test_whatever_is_asked_is_drawn_as_well_formed_and_harmless(scale: str, text: str) -> None:
    import msgspec

    from server.web import screens

    config = msgspec.convert(msgspec.to_builtins(config_of(scale, text)), Config)
    for upright in (False, True):
        for drawn in (
            screens.draw_asking(config, "vi", upright=upright),
            screens.draw_reasons(config, "en", 4, upright=upright),
        ):
            assert "<script" not in drawn and "style=" not in drawn
            root = ET.fromstring(_printable(drawn))  # noqa: S314 - our own drawing
            assert root.attrib["viewBox"] == ("0 0 480 800" if upright else "0 0 800 480")


def _printable(drawn: str) -> str:
    """XML knows no control characters; a browser, reading HTML, does not mind them."""
    return re.sub(r"[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", drawn)


def test_the_faces_and_colors_are_the_kiosks_own() -> None:
    from kiosk.screens import palette
    from server.web import faces, screens

    assert {r: (face.fill, face.edge) for r, face in palette.FACES.items()} == faces.COLORS
    assert (faces.INK, faces.EDGE) == (palette.INK, palette.EDGE)
    assert (screens.PAGE, screens.CARD) == (palette.PAGE, palette.CARD)
    assert (screens.MUTED, screens.ACCENT) == (palette.MUTED, palette.ACCENT)
    source = Path(palette.__file__).with_name("faces.py").read_text("utf-8")
    assigned = {
        node.targets[0].id: ast.literal_eval(node.value)  # type: ignore[attr-defined]
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    }
    assert (assigned["_MOUTHS"], assigned["_BROWS"]) == (faces.MOUTHS, faces.BROWS)


ROUND = st.fixed_dictionaries(
    {},
    optional={
        "own-undo_s": st.just("1"), "undo_s": st.integers(0, 60).map(str),
        "own-scale": st.just("1"), "scale": st.sampled_from(["vn5", "vn4", "vn3", ""]),
        "own-hours": st.just("1"), "hours-0-day": st.lists(st.sampled_from("1234567x"), max_size=3),
        "hours-0-start": st.sampled_from(["", "07:30", "7:30", "x"]),
        "hours-0-end": st.sampled_from(["", "11:30", "24:00"]),
        "own-voice": st.just("1"), "percent": st.text(max_size=3), "invite": st.just("1"),
        "own-reasons": st.just("1"), "asks": st.just("1"),
        "reason-R6": st.lists(st.sampled_from("12345z"), max_size=5),
        "own-stories": st.just("1"), "story-0-said-vi": st.text(max_size=5),
        "story-0-did-vi": st.text(max_size=5),
        "own-question": st.just("1"), "question-vi": st.text(max_size=9), "first": st.just("vi"),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROUND)
def test_whatever_is_filled_in_makes_a_table_or_a_sentence(given: dict[str, Any]) -> None:
    from server.fleet.chosen import as_table, read_table, read_toml, write_toml
    from server.fleet.errors import FleetError
    from server.fleet.levels import Holder, Layer
    from server.fleet.provenance import values_of
    from server.web import settings_form

    query = QueryDict(mutable=True)
    for key, value in given.items():
        query.setlist(key, value if isinstance(value, list) else [value])
    values = values_of([Layer(Holder("unit", "1", "", "1"), {})])
    table, wrong = settings_form.read_form(query, values, {})
    assert all(isinstance(sentence, str) and sentence for sentence in wrong.values())
    try:
        chosen = read_table(table)
    except FleetError:
        return
    try:
        assert as_table(read_toml(write_toml(table))) == as_table(chosen)
    except FleetError:  # a control character, which TOML does not hold
        assert any(not c.isprintable() for c in str(given))


def test_bad_configurations_are_told_in_words() -> None:
    from server.web.settings_words import explain

    with pytest.raises(BadConfig) as error:
        read_config(b"{}")
    assert explain(str(error.value))[1].startswith("Không dùng được")
    assert explain("k-0a1b2c3 could not work with this: needs its legal_basis.") == (
        "officials", "k-0a1b2c3: Muốn hiện tên cán bộ thì phải ghi căn cứ pháp lý.",
    )  # fmt: skip
