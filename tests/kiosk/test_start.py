"""What the first face of the day does not wait for."""

import json
import subprocess
import sys
from pathlib import Path

from tests.kiosk.conftest import FakeServer

HEAVY = ("requests", "urllib3", "apscheduler", "sqlite_utils", "kiosk.screens.technician")

RUN = """
import json, sys
from pathlib import Path
import kiosk.app
begin = kiosk.app._Unit._begin
def begin_and_tell(unit):
    print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
    begin(unit)
    print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
kiosk.app._Unit._begin = begin_and_tell
kiosk.app.run(kiosk.app.Options(Path(sys.argv[1]), "keys", size=(800, 480)))
"""


def test_sending_jobs_and_the_other_screens_are_imported_after_the_first_face(
    enrolled: Path, server: FakeServer
) -> None:
    before, after = modules_at_the_first_face(enrolled)
    assert before == []
    assert "apscheduler" in after  # so the names are right


def modules_at_the_first_face(folder: Path) -> list[list[str]]:
    kiosk = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), *HEAVY],
        env={"SDL_VIDEODRIVER": "offscreen", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert kiosk.stdout
        return [json.loads(kiosk.stdout.readline()) for _ in range(2)]
    finally:
        kiosk.terminate()
        kiosk.communicate(timeout=60)
