"""Care from far away: what a kiosk says of itself arrives, what is asked of it comes back done."""

import json
from contextlib import closing
from typing import Any

from kiosk.journal_file import Journal
from tests.journeys.river import Kiosk, Server, until

ASK_ALL = (
    "import time; from server.fleet.models import Kiosk;"
    "from server.fleet.orders import order_deed;"
    "[order_deed(kiosk=kiosk.id, what=what, by='admin', now_ms=time.time_ns() // 10**6)"
    " for kiosk in Kiosk.objects.all() for what in ('selftest', 'diagnostics', 'restart')]"
)
READ_ALL = (
    "import json; from server.fleet.models import Diagnostics, KioskStatus, Order;"
    "print(json.dumps([json.loads(bytes(KioskStatus.objects.get().body)),"
    " Diagnostics.objects.get().text,"
    " sorted(Order.objects.values_list('what', 'outcome'))]))"
)


def outcomes(kiosk: Kiosk) -> list[str]:
    with closing(Journal(kiosk.folder)) as journal:
        return [json.loads(line.data)["outcome"] for line in journal.rare("order")]


def told(server: Server) -> Any:
    """The status, the diagnostics, and what became of each order."""
    done = server.run("shell", "--no-imports", "-c", READ_ALL)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_unit_far_away_tells_how_it_does_and_does_what_it_is_asked(
    kiosk: Kiosk, server: Server
) -> None:
    server.run("shell", "--no-imports", "-c", ASK_ALL)
    kiosk.start()
    until("it has started anew", lambda: outcomes(kiosk) == ["done", "done", "taken", "done"])
    assert kiosk.press(5)
    wanted = [["diagnostics", "done"], ["restart", "done"], ["selftest", "done"]]
    until("the server knows", lambda: told(server)[2] == wanted)
    status, diagnostics, _ = told(server)
    assert status["faults"] == []
    assert "== log" in diagnostics
    kiosk.quit()
