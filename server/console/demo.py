"""The whole river on one machine: server, sample province, a month of history, real kiosks."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from server.folder import Folder, SetupError

ASK_DISPLAY = (
    "import sys; from kiosk.screens.display import display_answers as a; sys.exit(not a())"
)
HISTORY = "history-is-complete"
HELP = "run server, sample province and kiosks with a pretend crowd; Ctrl-C ends it"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", type=_seconds, dest="seconds", metavar="S", help="run unattended for S seconds"
    )
    parser.add_argument("--port", type=int, default=8000, help="port of the server (8000)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (demo-data)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the counts as JSON")
    parser.add_argument("--window", action="store_true", help="insist on the kiosk's window")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e7:  # neither nan nor for ever
        raise ValueError
    return seconds


def main(args: argparse.Namespace) -> int:
    # Before Django reads its settings: the demo has a folder of its own and SQLite.
    data = args.data or Path(os.environ.get("HAILONG_DATA", "demo-data"))
    os.environ["HAILONG_DATA"] = str(data.absolute())
    os.environ.pop("HAILONG_DATABASE_URL", None)
    from server.console import prepare
    from server.console.run import check_port

    display = display_answers()
    if args.window and not display:
        raise SetupError("No display answers; start it from a desktop, or leave out --window.")
    check_port("127.0.0.1", args.port)
    _check_report(args.report)
    _begin_anew_if_interrupted(data)
    folder = prepare(name=None, sample=True)
    from server.sample.river import River  # its tables need the settings that prepare() read

    _load_history(folder)
    river = River(folder, port=args.port, say=_say)
    # Ended from outside is ended like Ctrl-C: the kiosks still send what they have.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        # Unattended runs leave the screen alone unless they are told otherwise.
        river.start(window=display and (args.window or args.seconds is None))
        _welcome(folder, args.port, display=display)
        river.wait(args.seconds, _progress)
    except KeyboardInterrupt:
        _say("\nStopping: the crowd goes home, the kiosks send what they have …")
    report = river.stop()
    agree = "agree from press to tally" if report["equal"] else "DO NOT agree"
    _say(f"\n{report['votes_on_server']} votes of this run; the counts {agree}:")
    _say(json.dumps(report))
    if args.report:
        args.report.write_text(json.dumps(report) + "\n", encoding="utf-8")
    return 0 if report["equal"] else 1


def _check_report(path: Path | None) -> None:
    """A report that cannot be written is said before the run, not after it."""
    if path is None:
        return
    try:
        path.touch()
    except OSError as error:
        raise SetupError(f"Cannot write the report {path}: {error.strerror}.") from error


def display_answers() -> bool:
    """Whether a kiosk's window would find a display; asked in a process of its own."""
    command = [sys.executable, "-c", ASK_DISPLAY]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def _begin_anew_if_interrupted(data: Path) -> None:
    """A demo that was ended while it wrote its history has no kiosk yet: its tables go."""
    if (data / "server.toml").exists() and not (data / HISTORY).exists():
        if (data / "kiosks").exists() or not Folder(data).sample:
            raise SetupError(f"{data} is no demo's folder; choose another --data.")
        for file in data.glob("server.sqlite3*"):
            file.unlink()


def _load_history(folder: Folder) -> None:
    """The month before today, once a folder; understood, attributed and tallied like any vote."""
    from server.ingest.journals import now_ms
    from server.pipeline import run_until_done
    from server.sample import before, fleet, history, inspection

    if (folder.path / HISTORY).exists():
        return
    at_ms = now_ms()
    before.load()
    for done, days in history.load(now_ms=at_ms):
        _bar("a month of history", done, days)
    fleet.make(now_ms=at_ms)
    inspection.make(now_ms=at_ms)
    _say("counting it …")
    run_until_done()
    (folder.path / HISTORY).touch()  # last: without it the next start begins anew


def _welcome(folder: Folder, port: int, *, display: bool) -> None:
    from server.sample import choices, province
    from server.votes.codes import any_code

    _say("")
    if not display:
        _say("no display found: two kiosks press themselves; with a screen there is one to touch")
    else:
        _say("touch a face in the window, or press the keys 1 to 5")
    _say(f"\n  open      http://127.0.0.1:{port}/")
    for account, password in province.passwords(folder).items():
        where = province.of_whom(account) or "all units"
        _say(f"  sign in   {account:<12} {password}   ({where})")
    if code := any_code():
        _say(f"  is my vote kept?  http://127.0.0.1:{port}/proof/{code}/")
    _say("  officials sign in at a kiosk with the last four digits of their code as PIN")
    _say(f"  the technician's page of a kiosk opens with the PIN {choices.ADMIN_PIN}")
    _say("\nCtrl-C ends it. Try kill -9 on a kiosk or the server first: no thanked vote is lost.\n")


def _bar(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        filled = 30 * done // of
        end = "\n" if done == of else ""
        print(f"\r{what} [{'#' * filled}{'.' * (30 - filled)}]", end=end, file=sys.stderr)
    elif done in (1, of):
        _say(f"{what}: working day {done} of {of}")


def _progress(arrived: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{arrived} votes of this run have arrived ", end="", file=sys.stderr, flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
