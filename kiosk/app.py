"""Wires the unit together: panel, core, journal, sending, and a window or none."""

import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from hardware.gpio import GpioPanel
from hardware.panel import Fault as PanelFault
from hardware.panel import Press
from hardware.simulated import Crowd, Keys, SimulatedPanel, open_simulated
from hardware.wiring import READY_MADE, Wiring, load_wiring
from kiosk.clock import Clock
from kiosk.config import HeldConfig, Settings, load_config, load_key, load_settings
from kiosk.core import Core, Event
from kiosk.door import Door
from kiosk.enrolling import model
from kiosk.errors import KioskError
from kiosk.folder import held, make_folder
from kiosk.headless import Headless
from kiosk.jobs import Jobs, SyncLoop
from kiosk.journal_file import Journal, JournalRow
from kiosk.journal_store import Writer
from kiosk.script import Answers, Script
from kiosk.showing import Counter, read_counter
from kiosk.sync import OLD_COPY, Health, Sender
from kiosk.windowed import Windowed
from protocol.records import Boot

PanelKind = Literal["gpio", "keys", "stdin", "crowd"]
LAST_SEND_S = 10.0
CONFIG_WAIT_S = 15.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of `run` says."""

    folder: Path
    panel: PanelKind
    headless: bool = False
    seed: int = 0
    size: tuple[int, int] | None = None


def run(options: Options) -> None:
    """Runs the kiosk until it is told to end. KioskError or HardwareError if it cannot start."""
    make_folder(options.folder)
    with held(options.folder), ExitStack() as cleanup:
        unit = _Unit(options, cleanup)
        unit.run()


class _Unit:
    """Everything that one run owns, opened in order and closed in the opposite one."""

    def __init__(self, options: Options, cleanup: ExitStack) -> None:
        self._options = options
        settings = load_settings(options.folder)
        if options.panel == "gpio" and settings.undo_s == 0:
            raise KioskError("undo_s = 0 in kiosk.toml is for scripts; remove it to use buttons.")
        self._settings = settings
        self._journal = Journal(options.folder)
        cleanup.callback(self._journal.close)
        self._row = enrolled_row(self._journal)
        key = load_key(options.folder, self._row)
        held_config = load_config(options.folder, self._journal)
        self._clock = Clock(rtc=settings.rtc)
        self._panel = _open_panel(options, settings)
        cleanup.callback(self._panel.close)
        self._writer = Writer(options.folder)
        cleanup.callback(self._close_writer)
        self._clean = False
        if self._row.state == "old-copy":
            self._writer.refuse(OLD_COPY)
        self._answers = Answers(sys.stdout)
        self._configured = threading.Event()
        self._door = Door(
            settings.server, kiosk=self._row.kiosk or "", server=self._row.server or "",
            key=key, clock=self._clock, ca=settings.ca,
        )  # fmt: skip
        self._sender = Sender(
            options.folder, self._journal, self._door, key=key, clock=self._clock,
            writer=self._writer, held=held_config, on_health=self._take_health,
            on_config=self._take_config,
        )  # fmt: skip
        self._sync = SyncLoop(self._sender)
        self._counter = self._read_counter(held_config)
        self._core = Core(
            counter=self._counter, writer=self._writer, clock=self._clock,
            health=self._sender.health, on_event=self._tell, on_committed=self._thank,
            on_lines=self._sync.wake,
        )  # fmt: skip
        # What ends the presses of a simulated panel, and how many they were if that is counted.
        self._stop_presses: Callable[[], int | None] = _no_presses
        self._front: Headless | Windowed = Headless()
        if not options.headless:
            fullscreen = settings.fullscreen and options.size is None
            self._front = Windowed(self._core, size=options.size, fullscreen=fullscreen)

    def run(self) -> None:
        """From the first line of this run to the last."""
        was_clean = self._writer.begin_run()
        boot = Boot(
            software=version("hailong"), os=platform.platform(), hardware=model(),
            cause="start" if was_clean else "crash",
        )  # fmt: skip
        self._core.start(self._journal, boot)
        self._panel.on_press(self._press)
        self._panel.on_fault(self._fault)
        self._panel.idle(True)
        jobs = Jobs()
        self._jobs = jobs
        jobs.every(self._counter.heartbeat_every_s, "heartbeat", self._sync.wake)
        self._sync.start()
        _on_signals(self._front.end)
        try:
            self._front.run(on_ready=self._start_presses)
        finally:
            presses = self._stop_presses()
            self._panel.close()  # delivers what was pressed until now
            self._core.stop()
            jobs.stop()
            ended = self._sync.stop(within_s=LAST_SEND_S)
            if ended:
                self._door.close()
            self._clean = True
        if self._options.panel == "stdin":
            presses = self._core.presses
        if presses is not None:
            self._answers.tell({"event": "summary", "presses": presses})

    def _start_presses(self) -> None:
        """Starts whoever presses a simulated panel."""
        panel = self._panel
        if not isinstance(panel, SimulatedPanel):
            return
        if panel.kind == "stdin":
            row = self._row
            self._answers.tell({"event": "ready", "kiosk": row.kiosk, "journal": row.uuid})
            Script(
                panel.driver, self._core, tell=self._answers.tell, on_end=self._front.end
            ).start()
        elif panel.kind == "keys" and self._options.headless:
            keys = Keys(panel.driver)
            keys.start()
            self._stop_presses = keys.stop
        elif panel.kind == "crowd":
            self._stop_presses = self._start_crowd(panel)

    def _start_crowd(self, panel: SimulatedPanel) -> Callable[[], int]:
        """The crowd comes once the officials are known, or soon without them."""
        leaving = threading.Event()
        crowds: list[Crowd] = []

        def come() -> None:
            self._configured.wait(CONFIG_WAIT_S)
            officials = [(o.code, o.code[-4:]) for o in self._counter.officials]
            crowd = Crowd(
                self._options.seed, panel.driver, self._crowd_signs_in, officials,
                undo_s=self._counter.undo_s,
            )  # fmt: skip
            crowds.append(crowd)
            if not leaving.is_set():
                crowd.start()

        def leave() -> int:
            leaving.set()
            self._configured.set()
            coming.join()
            crowds[0].stop()
            return crowds[0].presses

        coming = threading.Thread(target=come, name="crowd-coming", daemon=True)
        coming.start()
        return leave

    def _crowd_signs_in(self, code: str, pin: str) -> None:
        self._core.sign_in(code, pin).result(30)

    # Called from other threads --------------------------------------------------------------

    def _press(self, press: Press) -> None:
        self._core.press(press.button, press.source, press.mono_ns, others_down=press.others_down)

    def _fault(self, fault: PanelFault) -> None:
        self._core.report_fault(fault.part, fault.kind, fault.since_ns, cleared=fault.cleared)

    def _thank(self) -> None:
        self._panel.acknowledge()
        self._panel.beep()

    def _tell(self, event: Event) -> None:
        if self._options.panel == "stdin":
            self._answers.tell(event)
        elif event["event"] == "refused":
            _log.info("%s", event["why"])

    def _take_health(self, health: Health) -> None:
        self._core.set_health(health)

    def _take_config(self, held_config: HeldConfig) -> None:
        self._counter = self._read_counter(held_config)
        self._core.set_counter(self._counter)
        self._jobs.every(self._counter.heartbeat_every_s, "heartbeat", self._sync.wake)

    def _read_counter(self, held_config: HeldConfig | None) -> Counter:
        if held_config is not None:
            self._configured.set()
        return read_counter(
            held_config, kiosk=self._row.kiosk or "", name=self._row.name or "",
            undo_s=self._settings.undo_s, scripted=self._options.panel != "gpio",
        )  # fmt: skip

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


def _open_panel(options: Options, settings: Settings) -> GpioPanel:
    wiring = _wiring(options.folder, settings)
    return GpioPanel(wiring) if options.panel == "gpio" else open_simulated(options.panel, wiring)


def _wiring(folder: Path, settings: Settings) -> Wiring:
    named = settings.wiring
    return load_wiring(named if named is None or named in READY_MADE else folder / named)


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
