"""The core over a real journal: what is told, what is shown, what is on the disk."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import journal_file
from kiosk.journal_file import FILE
from kiosk.sync import Health
from protocol.configuration import ConfigCounter
from protocol.crockford import vote_code
from tests.kiosk.stand import Stand, counter


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    opened = Stand(tmp_path, counter()).start()
    yield opened
    opened.close()


def test_a_run_begins_with_its_boot_record(stand: Stand) -> None:
    stand.core.stop()
    assert [name for name, _ in stand.records()] == ["boot"]


def test_thanks_names_a_line_that_is_on_the_disk(stand: Stand) -> None:
    stand.press(4)
    assert stand.onlooker.thanked.acquire(timeout=60)
    thanks = stand.until(lambda: [e for e in stand.events if e["event"] == "thanks"])[0]
    assert stand.records()[thanks["seq"] - 1][1]["rating"] == 4
    assert stand.until(lambda: stand.views[-1].state == "follow_up")
    assert stand.views[-1].can_undo


def test_presses_in_one_breath_are_a_vote_its_revision_and_suppressed_ones(stand: Stand) -> None:
    for rating, pause in ((5, 1000), (5, 100), (2, 1000), (2, 1000), (4, 30_000)):
        stand.press(rating, pause)
    stand.press(1, 2_000, others_down=True)
    stand.core.stop()
    assert [vote["rating"] for vote in stand.of("vote")] == [5, 4]
    assert stand.of("vote.revised") == [{"vote": 2, "rating": 2}]
    assert sum(kept["count"] for kept in stand.of("suppressed")) == 3
    names = [name for name, _ in stand.records()]
    assert names.index("suppressed") < len(names) - 1 - names[::-1].index("vote")


def test_a_vote_names_the_duty_though_it_is_only_on_its_way(stand: Stand) -> None:
    assert stand.core.sign_in("CB-0101", "0101").result(60) == ""
    stand.press(4)
    assert stand.core.sign_in("CB-0102", "0102").result(60) == ""
    stand.press(4, 30_000)
    stand.core.sign_out().result(60)
    stand.press(4, 30_000)
    stand.core.stop()
    started = [n for n, (name, _) in enumerate(stand.records(), 1) if name == "duty.started"]
    assert [vote["duty"] for vote in stand.of("vote")] == [*started, None]
    assert [ended["by"] for ended in stand.of("duty.ended")] == ["next", "official"]
    assert [e.get("official") for e in stand.events if e["event"] == "duty"] == [
        "CB-0101", "CB-0102", None,
    ]  # fmt: skip


def test_without_a_configuration_the_missing_list_is_to_blame_not_the_pin(tmp_path: Path) -> None:
    bare = Stand(tmp_path, counter(officials=(), configured=False)).start()
    assert "danh sách cán bộ" in bare.core.sign_in("CB-0101", "0101").result(60)
    refused = [event["why"] for event in bare.events if event["event"] == "refused"]
    assert refused == ["This kiosk has no list of officials yet; it needs the network once."]
    bare.close()


def test_a_wrong_pin_is_refused_on_the_screen_and_waits_in_the_end(stand: Stand) -> None:
    stand.core.open("sign_in")
    for _ in range(5):
        assert "PIN" in stand.core.sign_in("CB-0101", "9999").result(60)
    assert "chờ" in stand.core.sign_in("CB-0101", "0101").result(60)
    assert stand.until(lambda: "chờ" in stand.views[-1].message)
    assert stand.views[-1].state == "sign_in"
    assert stand.of("duty.started") == []


def test_a_duty_left_open_by_the_last_run_is_ended_by_restart(tmp_path: Path) -> None:
    first = Stand(tmp_path, counter()).start()
    first.core.sign_in("CB-0101", "0101").result(60)
    first.close()
    second = Stand(tmp_path, counter()).start()
    second.close()
    third = Stand(tmp_path, counter()).start()
    third.core.stop()
    assert third.of("duty.ended") == [{"duty": 2, "by": "restart"}]
    third.close()


def test_nobody_is_thanked_while_the_journal_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "BUSY_S", 0.02)
    stand = Stand(tmp_path, counter()).start()
    stand.until(stand.records)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("begin immediate")
    stand.press(4)
    assert stand.until(lambda: stand.views[-1].state == "out_of_order")
    assert [e["event"] for e in stand.events] == ["refused"]
    other.execute("rollback")
    other.close()
    stand.press(4)
    assert stand.onlooker.thanked.acquire(timeout=60)
    assert stand.until(lambda: stand.views[-1].state == "follow_up")
    stand.close()


def test_a_face_that_is_not_on_the_scale_is_no_vote(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(scale="vn4")).start()
    stand.press(3)
    stand.core.stop()
    assert stand.of("vote") == []
    assert stand.events[0]["event"] == "refused"
    stand.close()


def test_an_old_copy_shows_that_it_needs_enrolment(stand: Stand) -> None:
    stand.core.set_health(Health("old-copy"))
    assert stand.until(lambda: stand.views[-1].state == "needs_enrolment")
    stand.press(4)
    stand.core.stop()
    assert [e["event"] for e in stand.events] == ["refused"]
    assert stand.of("vote") == []


def test_a_refused_journal_goes_on_asking_and_wants_attention(stand: Stand) -> None:
    stand.core.set_health(Health("revoked"))
    assert stand.until(lambda: stand.views[-1].attention)
    assert stand.views[-1].state == "asking"


def test_a_new_configuration_waits_for_the_citizen_before(stand: Stand) -> None:
    stand.core.touch(4, "touch")
    assert stand.onlooker.thanked.acquire(timeout=60)
    stand.core.set_counter(counter(scale="vn4"))
    stand.until(lambda: stand.views[-1].state == "follow_up")
    assert stand.views[-1].scale == "vn5"


def test_a_new_configuration_applies_at_once_between_citizens(stand: Stand) -> None:
    stand.core.set_counter(counter(scale="vn3", question={"vi": "Mới?", "en": "New?"}))
    assert stand.until(lambda: stand.views[-1].scale == "vn3")
    assert stand.views[-1].question == "Mới?"


def test_a_language_chosen_is_written_into_the_vote(stand: Stand) -> None:
    stand.core.citizen.choose_locale("en")
    stand.core.touch(5, "touch")
    stand.core.stop()
    assert stand.of("vote")[0]["locale"] == "en"
    assert stand.of("vote")[0]["via"] == "touch"


def test_a_stuck_button_is_written_down(stand: Stand) -> None:
    at = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    stand.core.report_fault("button-3", "stuck", at, cleared=False)
    stand.core.report_fault("button-3", "stuck", at, cleared=True)
    stand.core.stop()
    assert [name for name, _ in stand.records()] == ["boot", "fault", "fault.cleared"]


# The follow-up, and what belongs to one citizen -------------------------------------------------


def test_reasons_chosen_are_written_down_beside_their_vote(stand: Stand) -> None:
    stand.vote(1)
    assert [reason.code for reason in stand.view.reasons] == ["R1", "R3", "R4", "R5", "R6", "R9"]
    stand.core.citizen.reason("R6", True)
    assert stand.until(lambda: stand.view.chosen == {"R6"})
    stand.core.citizen.finish("answered")
    assert stand.until(lambda: stand.view.state == "thanks")
    stand.core.citizen.dismiss()
    assert stand.until(lambda: stand.view.state == "asking")
    stand.core.stop()
    assert stand.of("vote.reasons") == [{"vote": 2, "reasons": ["R6"], "outcome": "answered"}]


def test_a_follow_up_left_open_at_the_end_is_a_timeout(stand: Stand) -> None:
    stand.vote(5)
    stand.core.stop()
    assert stand.of("vote.reasons") == [{"vote": 2, "reasons": [], "outcome": "timeout"}]


def test_without_a_screen_nobody_is_asked_for_reasons(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(), has_screen=False).start()
    stand.press(1)
    stand.press(4, 20_000)
    stand.core.stop()
    assert [name for name, _ in stand.records()] == ["boot", "vote", "vote"]
    stand.close()


def test_choosing_again_replaces_the_vote(stand: Stand) -> None:
    stand.vote(1)
    stand.core.citizen.undo()
    assert stand.until(lambda: stand.view.state == "asking")
    time.sleep(0.31)  # a second contact within 300 ms would be the same gesture
    stand.vote(5)
    assert {reason.code[0] for reason in stand.view.reasons} == {"P"}
    stand.core.stop()
    assert stand.of("vote.revised") == [{"vote": 2, "rating": 5}]
    assert len(stand.of("vote")) == 1


def test_the_vote_code_is_shown_on_request_only(stand: Stand) -> None:
    stand.vote(4)
    assert stand.view.code == ""
    stand.core.citizen.show_code(True)
    assert stand.until(lambda: stand.view.state == "code")
    assert stand.view.code == vote_code(list(stand.journal.all_lines())[1])
    assert stand.view.code_qr == ""
    stand.core.citizen.show_code(False)
    assert stand.until(lambda: stand.view.state == "follow_up")


def test_the_code_of_nobody_is_not_shown(stand: Stand) -> None:
    stand.core.citizen.show_code(True)
    stand.core.citizen.touched()
    assert stand.until(lambda: not stand.view.code and stand.view.state == "asking")


def test_the_code_leads_to_the_configured_address(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(code_url="https://mau.example/ma/")).start()
    stand.vote(4)
    stand.core.citizen.show_code(True)
    assert stand.until(lambda: stand.view.code_qr)
    assert stand.view.code_qr == f"https://mau.example/ma/{stand.view.code}"
    stand.close()


def test_a_language_goes_back_after_the_vote(stand: Stand) -> None:
    stand.core.citizen.choose_locale("en")
    stand.vote(4)
    assert stand.view.locale == "en"
    stand.core.citizen.finish("skipped")
    stand.core.citizen.dismiss()
    assert stand.until(lambda: stand.view.locale == "vi")
    assert stand.until(lambda: "hush" in stand.onlooker.noticed)


def test_a_button_of_the_next_citizen_leaves_the_language_and_the_code_behind(
    stand: Stand,
) -> None:
    stand.core.citizen.choose_locale("en")
    stand.press(4, 0)
    stand.until(lambda: stand.view.state == "follow_up")
    stand.core.citizen.show_code(True)
    assert stand.until(lambda: stand.view.state == "code")
    stand.press(1, 11_000)
    assert stand.until(lambda: stand.view.state == "follow_up" and stand.view.reasons)
    assert stand.view.locale == "vi"
    stand.core.stop()
    assert [vote["locale"] for vote in stand.of("vote")] == ["en", "vi"]


def test_a_repeat_sounds_like_a_change_of_mind(tmp_path: Path) -> None:
    heard = []
    for second in (4, 2):
        (folder := tmp_path / str(second)).mkdir()
        stand = Stand(folder, counter()).start()
        stand.press(4)
        assert stand.onlooker.thanked.acquire(timeout=60)
        stand.press(second, 3_000)
        assert stand.onlooker.thanked.acquire(timeout=60)
        stand.close()
        heard.append(stand.onlooker.noticed)
    assert heard[0] == heard[1]


def test_an_invitation_takes_a_pin_pad_off_the_faces(stand: Stand) -> None:
    stand.core.open("sign_in")
    assert stand.until(lambda: stand.view.state == "sign_in")
    stand.core.invite()
    assert stand.until(lambda: stand.view.state == "asking" and stand.view.invited)


def test_a_new_configuration_does_not_change_the_faces_under_a_finger(stand: Stand) -> None:
    stand.core.citizen.touched()
    stand.core.set_counter(counter(scale="vn3"))
    stand.core.touch(3, "touch")
    assert stand.onlooker.thanked.acquire(timeout=60)
    stand.core.stop()
    assert stand.of("vote")[0]["scale"] == "vn5"


def test_the_next_vote_after_an_invitation_is_an_invited_one(stand: Stand) -> None:
    stand.core.invite("H29.1-0001")
    assert stand.until(lambda: stand.view.invited)
    stand.press(4)
    stand.press(2, 30_000)
    stand.core.stop()
    assert [(v["invited"], v["dossier"]) for v in stand.of("vote")] == [
        (True, "H29.1-0001"), (False, None),
    ]  # fmt: skip
    assert stand.onlooker.noticed[0] == "invite vi"


def test_without_an_invitation_every_vote_is_taken_all_the_same(stand: Stand) -> None:
    stand.press(1)
    stand.core.stop()
    assert stand.of("vote")[0]["invited"] is False


def test_a_kiosk_that_takes_no_invitations_stays_silent(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(invite=False)).start()
    stand.core.invite()
    stand.press(4)
    stand.core.stop()
    assert stand.of("vote")[0]["invited"] is False
    assert "invite vi" not in stand.onlooker.noticed
    stand.close()


SEVERAL = tuple(ConfigCounter(code=f"99001-{n}", number=n, name=f"Quầy số {n}") for n in (1, 2))


@pytest.mark.parametrize("chosen", ["99001-2", None])
def test_a_kiosk_for_several_counters_asks_which_one_first(
    tmp_path: Path, chosen: str | None
) -> None:
    stand = Stand(tmp_path, counter(counters=SEVERAL)).start()
    assert stand.view.state == "choose_counter"
    assert stand.view.counters == (("99001-1", "1"), ("99001-2", "2"))
    stand.core.citizen.choose_counter(chosen)
    assert stand.until(lambda: stand.view.state == "asking")
    assert stand.view.counter == ("Quầy số 2" if chosen else "")
    stand.vote(4)
    stand.core.citizen.finish("skipped")
    stand.core.citizen.dismiss()
    assert stand.until(lambda: stand.view.state == "choose_counter")
    stand.core.stop()
    assert [vote["counter"] for vote in stand.of("vote")] == [chosen]
    stand.close()


def test_a_button_at_such_a_kiosk_is_a_vote_before_any_counter_is_chosen(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter(counters=SEVERAL)).start()
    stand.press(1)
    stand.core.stop()
    assert stand.of("vote")[0]["counter"] is None
    stand.close()


def test_the_official_is_shown_only_with_a_legal_basis_and_may_be_disowned(
    tmp_path: Path,
) -> None:
    basis = {"show_official": True, "legal_basis": "Quyết định mẫu"}
    stand = Stand(tmp_path, counter(**basis)).start()
    assert stand.core.sign_in("CB-0101", "0101").result(60) == ""
    assert stand.until(lambda: stand.view.official == "An")
    stand.core.citizen.disown(True)
    assert stand.until(lambda: stand.view.disowned)
    stand.press(1)
    stand.press(5, 30_000)
    stand.core.stop()
    assert [vote["not_official"] for vote in stand.of("vote")] == [True, False]
    stand.close()


def test_listening_speaks_of_what_is_shown(stand: Stand) -> None:
    stand.core.citizen.listen()
    stand.vote(2)
    stand.core.citizen.listen()
    assert stand.onlooker.noticed[0] == "listen asking"
    assert "listen follow_up" in stand.onlooker.noticed


def test_what_is_noticed_beside_the_kiosk_is_the_same_for_every_rating(tmp_path: Path) -> None:
    noticed = []
    for rating in (1, 2, 3, 4, 5):
        (folder := tmp_path / str(rating)).mkdir()
        stand = Stand(folder, counter()).start()
        stand.vote(rating)
        stand.core.citizen.finish("skipped")
        stand.until(lambda stand=stand: stand.view.state == "thanks")
        noticed.append((stand.onlooker.noticed, [(v.state, len(v.reasons)) for v in stand.views]))
        stand.close()
    assert all(each == noticed[0] for each in noticed)


# When something is wrong -------------------------------------------------------------------------


def test_a_full_card_is_out_of_order_before_a_vote_can_be_lost(stand: Stand) -> None:
    stand.core.set_full(True)
    assert stand.until(lambda: stand.view.state == "out_of_order")
    stand.press(4)
    stand.core.set_full(False)
    assert stand.until(lambda: stand.view.state == "asking")
    stand.press(5, 30_000)
    stand.core.stop()
    assert [vote["rating"] for vote in stand.of("vote")] == [5]
    assert [e["event"] for e in stand.events] == ["refused", "thanks"]


def test_a_failed_screen_is_out_of_order_while_buttons_go_on_voting(stand: Stand) -> None:
    stand.core.screen_failed()
    assert stand.until(lambda: stand.view.state == "out_of_order")
    stand.press(4)
    assert stand.onlooker.thanked.acquire(timeout=60)
    stand.core.stop()
    assert len(stand.of("vote")) == 1


def test_a_thousand_presses_a_minute_for_an_hour_are_all_in_the_journal(tmp_path: Path) -> None:
    stand = Stand(tmp_path, counter())
    told: Counter[str] = Counter()
    stand.core._ballot._on_event = lambda event: told.update([str(event["event"])])
    stand.start()
    grown: list[int] = []
    for n in range(60_000):
        stand.press(1 + n % 5, 60)
        if n in (20_000, 59_999):  # the first third has warmed everything up
            stand.until(lambda: stand.core._inbox.qsize() < 10)
            grown.append(_resident_kib())
    stand.core.stop()
    revised = len(stand.of("vote.revised"))
    suppressed = sum(kept["count"] for kept in stand.of("suppressed"))
    assert len(stand.of("vote")) + revised + suppressed == 60_000 == stand.core.presses
    assert told["thanks"] == len(stand.of("vote")) and told["revised"] == revised
    assert grown[1] - grown[0] < 20_000
    assert stand.view.state in ("follow_up", "thanks", "asking")
    stand.close()


def _resident_kib() -> int:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in x)
    return int(line.split()[1])


def test_what_may_follow_a_vote_is_known_before_it(stand: Stand) -> None:
    """So that the window can lay it out ahead: one follow-up for each set of reasons."""
    ahead = stand.core.after_a_vote()
    assert [view.state for view in ahead] == ["follow_up"] * 3 + ["thanks"]
    stand.press(5)
    stand.until(lambda: stand.view.state == "follow_up")
    assert stand.view.reasons in [view.reasons for view in ahead]


def test_a_broken_part_is_a_line_and_a_mark_until_it_is_whole(stand: Stand) -> None:
    stand.core.report_fault("button-3", "stuck", 0, cleared=False)
    assert stand.until(lambda: stand.view.attention)
    assert stand.core.faults() == (("button-3", "stuck"),)
    stand.core.report_fault("button-3", "stuck", 0, cleared=True)
    assert stand.until(lambda: not stand.view.attention)
    assert stand.core.faults() == ()
    stand.core.stop()
    assert [f["part"] for f in stand.of("fault") + stand.of("fault.cleared")] == ["button-3"] * 2


def test_lamps_are_dark_while_a_vote_could_not_be_kept(stand: Stand) -> None:
    stand.core.set_full(True)
    assert stand.until(lambda: stand.onlooker.lights[-1] == "dark")
    stand.core.set_full(False)
    assert stand.until(lambda: stand.onlooker.lights[-1] != "dark")
    assert stand.onlooker.lights[0] == "ready"
    stand.core.stop()
