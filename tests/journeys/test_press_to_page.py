"""A press at the counter becomes an attributed rating on the supervisor's screen."""

import re
from pathlib import Path

from tests.journeys.river import OFFICIAL, Kiosk, Server, until


def page_text(server: Server, account: str = "supervisor", unit: str = "99001") -> str:
    page = server.sign_in(account).get(f"{server.url}/units/{unit}/", timeout=60)
    assert page.status_code == 200
    return re.sub(r"<[^>]+>|\s+", " ", page.text)


def test_a_press_on_a_mock_pin_is_read_by_the_supervisor(kiosk: Kiosk, server: Server) -> None:
    kiosk.start()
    kiosk.sign_in()
    pressed = [5, 4, 2, 1, 3]  # within seconds: a rating that came again would be held
    seqs = [kiosk.press(rating) for rating in pressed]
    kiosk.quit()
    server.run("work", "--once")

    votes = server.table("votes")
    assert [int(vote["seq"]) for vote in votes] == seqs
    assert [int(vote["rating"]) for vote in votes] == pressed
    assert {(v["official"], v["basis"], v["counter"]) for v in votes} == {
        (OFFICIAL, "duty", "99001-1")
    }
    tally = {k: v for row in server.table("tallies") for k, v in row.items()}
    assert [tally[f"n{r}"] for r in (1, 2, 3, 4, 5)] == ["1"] * 5

    text = page_text(server)
    assert "40,0" in text, "two of the five are satisfied"
    assert OFFICIAL in text
    assert server.run("check").returncode == 0


def test_a_supervisor_of_another_unit_sees_none_of_it(kiosk: Kiosk, server: Server) -> None:
    other = server.sign_in("supervisor2")
    assert other.get(f"{server.url}/units/99001/", timeout=60).status_code in (403, 404)
    assert other.get(f"{server.url}/units/99002/", timeout=60).status_code == 200


def test_votes_of_nobody_belong_to_the_counter(kiosk: Kiosk, server: Server) -> None:
    kiosk.start()
    kiosk.press(2)
    kiosk.quit()
    server.run("work", "--once")
    (vote,) = server.table("votes")
    assert (vote["official"], vote["basis"]) == ("", "none:nobody-signed-in")


def test_the_pipeline_of_a_running_server_needs_nobodys_help(kiosk: Kiosk, server: Server) -> None:
    kiosk.start()
    kiosk.press(5)
    until("the vote is tallied", lambda: sum(int(t["votes"]) for t in server.table("tallies")))


def test_unknown_buttons_and_commands_are_refused_in_a_sentence(kiosk: Kiosk) -> None:
    kiosk.start()
    for command in ("press 9", "press", "dance", "signin CB-0101 9999", "signin CB-9999 0101"):
        kiosk.say(command)
        assert kiosk.expect("refused")["why"].endswith(".")
    assert kiosk.press(3)


def test_two_buttons_at_once_and_a_held_button_are_one_vote(kiosk: Kiosk, server: Server) -> None:
    kiosk.start()
    for command in ("down 1", "wait 60", "down 5", "wait 60", "up 1", "up 5", "wait 60"):
        kiosk.say(command)
    assert kiosk.expect("thanks")["rating"] == 1
    for command in ("down 4", "wait 900", "up 4", "wait 60"):
        kiosk.say(command)
    assert kiosk.expect("thanks")["rating"] == 4
    kiosk.quit()
    server.run("work", "--once")
    assert [vote["rating"] for vote in server.table("votes")] == ["1", "4"]


def test_another_face_within_the_undo_window_replaces_the_vote(
    tmp_path: Path, server: Server
) -> None:
    kiosk = Kiosk(tmp_path / "kiosk", server)
    kiosk.start()
    vote = kiosk.press(1)
    kiosk.say("wait 400")
    kiosk.say("press 5")
    revised = kiosk.expect("revised")
    assert (revised["vote"], revised["rating"]) == (vote, 5)
    kiosk.say("wait 400")
    kiosk.say("press 5")
    assert kiosk.expect("suppressed")["why"] == "repeat"
    kiosk.quit()
    server.run("work", "--once")
    assert [v["rating"] for v in server.table("votes")] == ["5"]
