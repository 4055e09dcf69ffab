"""Wires the unit together: panel, core, journal, sending, and a window or none."""

import logging
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hardware.panel import Fault as PanelFault
from hardware.panel import Press
from hardware.simulated import SimulatedPanel
from kiosk.ahead import ahead_of_time
from kiosk.attached import Attached
from kiosk.ballot import Event
from kiosk.care import Care
from kiosk.clock import Clock
from kiosk.config import (
    PANELS,
    HeldConfig,
    load_config,
    load_key,
    load_settings,
)
from kiosk.core import Core
from kiosk.door import Door
from kiosk.ending import Ending, ended_by_watchdog, refusal
from kiosk.enrolling import finish_move, is_enrolled, model
from kiosk.errors import KioskError
from kiosk.folder import PATIENCE_S, held, is_held, make_folder
from kiosk.headless import Headless
from kiosk.identity import recall, remember
from kiosk.journal_file import Journal, JournalRow, is_damage, suspect
from kiosk.journal_store import Writer
from kiosk.locale import use_folder
from kiosk.media import Media
from kiosk.mending import Found, mend
from kiosk.notify import is_supervised, tell_manager, tell_ready
from kiosk.page import Page
from kiosk.panels import PanelKind, open_panel_or_touch
from kiosk.pretending import Stop, press_by_crowd, press_by_keys, press_by_script
from kiosk.proving import Prover
from kiosk.quarantine import Quarantine
from kiosk.script import Answers
from kiosk.senses import UnitSenses
from kiosk.showing import Counter, read_counter
from kiosk.sync import Health, Sender
from kiosk.sync_loop import SyncLoop
from kiosk.technician import disk_is_low
from kiosk.unenrolled import run_unenrolled
from kiosk.voice import Voice
from kiosk.watchdog import Watchdog
from kiosk.windowed import Windowed
from protocol.records import Boot

if TYPE_CHECKING:
    from kiosk.jobs import Jobs

ENROLS_FOR_S = 60.0
LAST_SEND_S = 10.0
CLOCK = time.CLOCK_BOOTTIME
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of `run` says."""

    folder: Path
    panel: PanelKind | None = None  # None: what kiosk.toml says
    headless: bool = False
    seed: int = 0
    size: tuple[int, int] | None = None


def run(options: Options) -> Ending:
    """Runs the kiosk until it is told to end, and how it wants to go on. KioskError or
    HardwareError if it cannot start."""
    make_folder(options.folder)
    use_folder(options.folder / "locale")
    if is_supervised() and not options.headless and _is_being_enrolled(options.folder):
        return _wait_for_enrolment(options)
    with held(options.folder, ENROLS_FOR_S if is_supervised() else PATIENCE_S):
        finish_move(options.folder)
        found = mend(options.folder)
    if not options.headless and not is_enrolled(options.folder):
        return _wait_for_enrolment(options)
    with held(options.folder), ExitStack() as cleanup:
        unit = _Unit(options, cleanup)
        return unit.run(found)


def _is_being_enrolled(folder: Path) -> bool:
    """Whether another command is about to make this device a kiosk for the first time."""
    return recall(folder) is None and is_held(folder)


def _wait_for_enrolment(options: Options) -> Ending:
    fullscreen = options.size is None
    return run_unenrolled(options.folder, size=options.size, fullscreen=fullscreen)


class _Unit:
    """Everything that one run owns, opened in order and closed in the opposite one."""

    def __init__(self, options: Options, cleanup: ExitStack) -> None:
        self._options = options
        settings = load_settings(options.folder)
        self._kind = options.panel or settings.panel
        self._is_real = self._kind in PANELS
        if self._is_real and settings.undo_s == 0:
            raise KioskError("undo_s = 0 in kiosk.toml is for scripts; remove it to use buttons.")
        self._settings = settings
        self._journal = Journal(options.folder)
        cleanup.callback(self._journal.close)
        self._row = enrolled_row(self._journal)
        key = load_key(options.folder, self._row)
        self._damaged = False
        held_config = self._load_config(options.folder)
        ahead_ms = ahead_of_time(simulated=not self._is_real)
        self._clock = Clock(rtc=settings.rtc, ahead_ms=ahead_ms)
        self._panel = open_panel_or_touch(
            self._kind, options.folder, settings, headless=options.headless
        )
        cleanup.callback(self._panel.close)
        self._writer = Writer(options.folder, on_damage=self._start_anew)
        cleanup.callback(self._close_writer)
        self._clean = False
        self._answers = Answers(sys.stdout)
        self._configured = threading.Event()
        self._door = Door(
            settings.server, kiosk=self._row.kiosk or "", server=self._row.server or "",
            key=key, clock=self._clock, way=settings.way,
        )  # fmt: skip
        self._media = Media(options.folder, self._door)
        self._sender = Sender(
            options.folder, self._journal, self._door, key=key, clock=self._clock,
            writer=self._writer, held=held_config, on_health=self._take_health,
            on_config=self._take_config, on_config_refused=self._config_refused,
            has_room=lambda: not disk_is_low(options.folder, settings.reserve_bytes),
        )  # fmt: skip
        quarantine = Quarantine(
            options.folder, self._journal, url=settings.server, clock=self._clock,
            way=settings.way, on_open=lambda: self._sync.try_now(),
        )  # fmt: skip
        prover = Prover(
            self._journal, self._door, self._sender.witness, self._clock,
            wake=lambda: self._sync.wake(),
        )  # fmt: skip
        self._sync = SyncLoop(
            self._sender, self._besides, self._sending_failed, (quarantine, prover)
        )
        self._held = held_config
        self._counter = self._read_counter(held_config)
        voice = Voice(options.folder)
        cleanup.callback(voice.close)
        self._senses = UnitSenses(self._panel, voice, self._clock, self._counter)
        self._page = Page(
            options.folder, settings, self._clock, voice=voice, panel=self._panel,
            contact_ms=lambda: self._sender.contact_ms, counter=self._counter,
            faults=lambda: self._core.faults(),
            config=held_config.version if held_config else None,
        )  # fmt: skip
        self._core = Core(
            counter=self._counter, writer=self._writer, clock=self._clock,
            health=self._sender.health, senses=self._senses, on_event=self._tell,
            on_lines=self._sync.wake, has_screen=not options.headless, facts=self._page.look,
        )  # fmt: skip
        self._attached = Attached(self._core, settings, options.folder)
        cleanup.callback(self._attached.stop)
        self._stop_presses: Stop = _no_presses
        self._front: Headless | Windowed = Headless()
        if not options.headless:
            fullscreen = settings.fullscreen and options.size is None
            self._front = Windowed(
                self._core,
                size=options.size,
                fullscreen=fullscreen,
                page=self._page,
                keyboard_votes=not self._is_real,
            )
        self._watchdog = Watchdog()
        self._care = Care(
            options.folder, settings, core=self._core, writer=self._writer, panel=self._panel,
            journal=self._journal, door=self._door, clock=self._clock, sender=self._sender,
            ask_screen=None if options.headless else self._front.check_alive,
            start_anew=self._front.start_anew, wake=self._sync.wake,
        )  # fmt: skip
        cleanup.callback(self._care.close)

    def run(self, found: Found) -> Ending:
        """From the first line of this run to the last. `found`: what was wrong with the journal."""
        boot = Boot(
            software=version("hailong"), os=platform.platform(), hardware=model(),
            cause=self._cause(),
        )  # fmt: skip
        self._core.start(self._journal, boot)
        if found:  # and it is over: there is a journal that takes votes
            for cleared in (False, True):
                at_ns = time.clock_gettime_ns(CLOCK)
                self._core.report_fault("journal", found, at_ns, cleared=cleared)
        if self._damaged:
            self._config_refused(True)
        if refused := refusal():
            self._core.tell_technician(refused)
        self._panel.on_press(self._press)
        self._panel.on_fault(self._fault)
        self._panel.on_invite(lambda _mono_ns: self._core.invite())
        _on_signals(self._front.quit)
        try:
            self._front.run(self._begin, self._watchdog)
        finally:
            if self._front.ending.why == "quit":  # else the next program is this very process
                tell_manager("STOPPING=1")
            presses = self._stop_presses()
            self._panel.close()  # delivers what was pressed until now
            self._core.stop()
            self._end_jobs()
            self._clean = self._front.ending.why != "restart"
        if self._kind == "stdin":
            presses = self._core.presses  # with those that closing the panel delivered
        if presses is not None:
            self._answers.tell({"event": "summary", "presses": presses})
        return self._front.ending

    def _begin(self) -> None:
        """What may start after the first face can take a vote."""
        self._take_presses()
        from kiosk.jobs import Jobs  # takes a twentieth of a second: not before the first face

        self._jobs = Jobs()
        self._every_heartbeat()
        self._care.start(self._jobs)
        self._sync.start()
        self._attached.start(self._jobs)
        for name, part in (
            ("the buttons", self._panel), ("the core", self._core),
            ("the journal", self._writer), ("the jobs", self._jobs),
        ):  # fmt: skip
            self._watchdog.watch(name, part.check_alive)
        tell_ready("Takes votes.")

    def _take_presses(self) -> None:
        """Whoever presses a simulated panel may begin."""
        panel, options = self._panel, self._options
        if not isinstance(panel, SimulatedPanel):
            return
        if panel.kind == "stdin":
            row = self._row
            self._answers.tell({"event": "ready", "kiosk": row.kiosk, "journal": row.uuid})
            self._stop_presses = press_by_script(panel, self._core, self._answers, self._front.end)
        elif panel.kind == "keys" and options.headless:
            self._stop_presses = press_by_keys(panel)
        elif panel.kind == "crowd":
            self._stop_presses = press_by_crowd(
                panel, self._core, seed=options.seed, configured=self._configured,
                counter=lambda: self._counter,
            )  # fmt: skip

    _jobs: "Jobs | None" = None

    def _end_jobs(self) -> None:
        if self._jobs is None:
            return
        self._care.leave()
        self._jobs.stop()
        self._care.stop()
        if self._sync.stop(within_s=LAST_SEND_S):
            self._door.close()

    def _every_heartbeat(self) -> None:
        if self._jobs is not None:
            every_s = self._counter.config.heartbeat_every_s
            self._jobs.every(every_s, "heartbeat", self._sync.wake)

    # Called from other threads --------------------------------------------------------------

    def _press(self, press: Press) -> None:
        self._core.press(press.button, press.source, press.mono_ns, others_down=press.others_down)

    def _fault(self, fault: PanelFault) -> None:
        self._core.report_fault(fault.part, fault.kind, fault.since_ns, cleared=fault.cleared)

    def _tell(self, event: Event) -> None:
        if self._kind == "stdin":
            self._answers.tell(event)
        elif event["event"] == "refused":
            _log.info("%s", event["why"])

    def _take_health(self, health: Health) -> None:
        self._core.set_health(health)
        if health.state == "old-copy":
            self._start_anew()

    def _sending_failed(self, error: Exception) -> None:
        if is_damage(error):
            suspect(self._options.folder)
            self._start_anew()

    def _start_anew(self) -> None:
        """This journal cannot go on; the next start sets it aside and begins another."""
        _log.error("the journal cannot go on; the program starts anew")
        self._front.restart()

    def _take_config(self, held_config: HeldConfig) -> None:
        self._held = held_config
        if self._damaged:
            self._damaged = False
            self._config_refused(False)
        self._use(held_config)
        self._every_heartbeat()
        remember(self._options.folder, self._journal)

    def _besides(self) -> None:
        """On the sending thread, after a round: tells how the unit does, obeys, and fetches the
        pictures that the configuration names and that are not here yet."""
        self._care.follow(self._held, damaged=self._damaged)
        if self._held is not None and self._media.follow(self._held.config):
            self._use(self._held)

    def _config_refused(self, refused: bool) -> None:
        """What the server sent cannot be used: the last good one stays, and it is written down."""
        at_ns = time.clock_gettime_ns(CLOCK)
        self._core.report_fault("configuration", "refused", at_ns, cleared=not refused)

    def _load_config(self, folder: Path) -> HeldConfig | None:
        """A damaged file must not keep a kiosk from asking: it goes on with the built-in words,
        and the server sends the configuration again."""
        try:
            return load_config(folder, self._journal)
        except KioskError as error:
            _log.error("%s", error)
            self._damaged = True
            return None

    def _use(self, held_config: HeldConfig) -> None:
        self._counter = self._read_counter(held_config)
        self._senses.set_counter(self._counter)
        self._page.set_counter(self._counter, held_config.version)
        self._core.set_counter(self._counter)

    def _read_counter(self, held_config: HeldConfig | None) -> Counter:
        if held_config is not None:
            self._configured.set()
        return read_counter(
            held_config, kiosk=self._row.kiosk or "", name=self._row.name or "",
            undo_s=self._settings.undo_s, scripted=not self._is_real,
            file_of=self._media.path_of,
        )  # fmt: skip

    def _cause(self) -> Literal["start", "crash", "watchdog"]:
        """Why this run began. Without a clean end before, the same boot means that only the program
        died; another boot, that the power was cut, as it is every evening."""
        last_boot = self._journal.last_boot()
        if self._writer.begin_run() or last_boot != self._clock.boot:
            return "start"
        return "watchdog" if ended_by_watchdog() else "crash"

    def _close_writer(self) -> None:
        self._writer.close(clean=self._clean)


def enrolled_row(journal: Journal) -> JournalRow:
    """The journal's row; KioskError unless its enrolment is finished."""
    row = journal.row()
    if row.kiosk is None:
        raise KioskError(
            "The enrolment of this kiosk is not finished; repeat"
            " hailong-kiosk enrol --server URL --code CODE."
        )
    return row


def _on_signals(end: Callable[[], None]) -> None:
    """Calls `end` on SIGTERM and SIGINT, from a thread: a handler interrupts whatever the main
    thread holds, and might wait for it for ever."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        os.read(read, 1)
        end()

    threading.Thread(target=wait, name="signals", daemon=True).start()


def _no_presses() -> None:
    """Nobody presses but people."""
