"""Pins on kernel lines: the real factory, reader and panel above lines that are made up."""

import errno
import logging
import os
import threading
from collections.abc import Callable, Iterator

import pytest
from gpiozero import LED, PWMLED, Button
from gpiozero.exc import PinPWMUnsupported

from hardware import edge_reader
from hardware.gpio import GpioPanel
from hardware.gpiod_pins import GpiodFactory
from hardware.inputs import MOST_WAITING
from hardware.panel import Fault, HardwareError, Press, boottime_ns
from hardware.wiring import parse_wiring
from tests.hardware.kernel_lines import CHIP, KernelChip, plug

Until = Callable[[Callable[[], object]], None]
WIRING = parse_wiring(
    "buzzer = 25\nlamps_active = 'low'\n[buttons]\n5 = 5\n4 = 6\n3 = 13\n[lamps]\n5 = 17\n4 = 27\n"
)


@pytest.fixture
def panel(chip: KernelChip) -> Iterator[GpioPanel]:
    with GpioPanel(WIRING) as panel:
        yield panel


@pytest.fixture
def told(panel: GpioPanel) -> list[Press]:
    presses: list[Press] = []
    panel.on_press(presses.append)
    return presses


def factory_of(panel: GpioPanel) -> GpiodFactory:
    factory: GpiodFactory = panel._factory
    return factory


def test_a_press_is_an_edge_of_a_kernel_line_and_carries_its_time(
    panel: GpioPanel, chip: KernelChip, told: list[Press], until: Until
) -> None:
    before = boottime_ns()
    chip.drive(5, 0)
    after = boottime_ns()
    until(lambda: told)
    assert [p.button for p in told] == [5]
    assert before - 1_000_000 <= told[0].mono_ns <= after + 1_000_000


def test_presses_one_after_the_other_are_all_told(
    panel: GpioPanel, chip: KernelChip, told: list[Press]
) -> None:
    for gpio in (5, 6, 13, 6):
        chip.press(gpio)
    panel.close()
    assert [p.button for p in told] == [5, 4, 3, 4]


def test_lamps_that_light_by_a_low_level_are_dark_from_the_first_moment(
    panel: GpioPanel, chip: KernelChip, until: Until
) -> None:
    assert [chip.lines[gpio].levels[0] for gpio in (17, 27, 25)] == [1, 1, 0]
    panel.idle(True)
    until(lambda: not chip.lines[17].level and not chip.lines[27].level)
    lines = [chip.lines[gpio] for gpio in (17, 27)]
    panel.close()
    assert [line.level for line in lines] == [1, 1]


def test_lines_are_given_back_and_can_be_taken_again(chip: KernelChip) -> None:
    for _ in range(3):
        with GpioPanel(WIRING):
            assert {line.consumer for line in chip.lines} == {"", "hailong"}
        assert {line.consumer for line in chip.lines} == {""}
        assert chip.closed


def test_a_callback_that_fails_stops_neither_the_reader_nor_the_others(
    panel: GpioPanel, chip: KernelChip, told: list[Press], until: Until,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def fail(*_: object) -> None:
        raise SystemExit("out of the callback")

    monkeypatch.setattr(factory_of(panel).pin(5), "_get_when_changed", lambda: fail)
    chip.press(5)
    until(lambda: "out of the callback" in caplog.text)
    chip.press(6)
    panel.close()
    assert [p.button for p in told][-1] == 4


def test_a_line_that_floods_is_masked_and_the_others_are_told_in_time(
    panel: GpioPanel, chip: KernelChip, told: list[Press], until: Until
) -> None:
    faults: list[tuple[str, str, int]] = []  # and how many presses had been told
    panel.on_fault(lambda fault: faults.append((fault.part, fault.kind, len(told))))
    stop = threading.Event()

    def flood() -> None:
        while not stop.is_set():
            chip.drive(13, 0)
            chip.drive(13, 1)

    water = threading.Thread(target=flood)
    water.start()
    try:
        until(lambda: faults)
        chip.press(5, 0.2)
        until(lambda: told)
    finally:
        stop.set()
        water.join()
    ((part, kind, before),) = faults
    assert (part, kind) == ("button-3", "noisy")
    assert {p.button for p in told[before:]} == {5}
    assert panel._inputs._waiting[3] <= MOST_WAITING


def test_a_line_that_floods_is_read_so_seldom_that_it_costs_little(
    panel: GpioPanel, chip: KernelChip, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_reader, "REST_S", 3600.0)
    request = chip.lines[13].request
    assert request is not None
    reader = factory_of(panel).reader
    with reader._lock:  # a flood faster than it can be read
        for _ in range(edge_reader.MOST_EVENTS):
            chip.drive(13, 0)
            chip.drive(13, 1)
    until(lambda: request.fd in reader._resting)
    chip.drive(13, 0)
    chip.press(5)
    alive = threading.Event()
    panel.check_alive(alive.set)
    until(alive.is_set)
    assert request.wait_edge_events(0)  # nobody has read it since
    reader._resting[request.fd] = 0.0
    panel.check_alive(alive.set)  # wakes it
    until(lambda: not request.wait_edge_events(0))


def test_the_newest_of_lost_edges_are_kept_so_the_level_is_right(
    panel: GpioPanel, chip: KernelChip, told: list[Press], until: Until
) -> None:
    reader = factory_of(panel).reader
    with reader._lock:  # the process is busy elsewhere
        for _ in range(edge_reader.MOST_EVENTS * 3):
            chip.drive(13, 0)
            chip.drive(13, 1)
        chip.drive(13, 0)
    until(lambda: panel._rule.is_active(3))
    assert factory_of(panel).pin(13).lost == edge_reader.MOST_EVENTS * 5 + 1


def test_two_lines_read_late_are_told_in_the_order_they_happened(
    panel: GpioPanel, chip: KernelChip, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, bool]] = []
    monkeypatch.setattr(panel._inputs, "_put", lambda edge: seen.append(edge[:2]))
    with factory_of(panel).reader._lock:
        for gpio in (13, 5, 6, 5, 13, 6):
            chip.drive(gpio, 1 - chip.lines[gpio].level)
    until(lambda: len(seen) == 6)
    assert seen == [(3, True), (5, True), (4, True), (5, False), (3, False), (4, False)]


def test_a_line_that_cannot_be_read_any_more_does_not_end_the_others(
    panel: GpioPanel, chip: KernelChip, told: list[Press], until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    request = chip.lines[6].request
    assert request is not None
    request.unplug()
    until(lambda: "cannot be read any more" in caplog.text)
    chip.press(5)
    panel.close()
    assert [p.button for p in told] == [5]


def test_a_reader_that_lives_answers_and_a_dead_one_does_not(
    panel: GpioPanel, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    alive, dead = threading.Event(), threading.Event()
    panel.check_alive(alive.set)
    until(alive.is_set)
    reader = factory_of(panel).reader

    def die() -> None:
        raise MemoryError

    monkeypatch.setattr(reader, "_answer", die)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    panel.check_alive(dead.set)
    until(lambda: not reader._thread.is_alive())
    panel.check_alive(dead.set)
    panel.close()
    assert not dead.is_set()


def test_a_button_that_another_program_has_is_missing_and_that_program_is_named(
    chip: KernelChip, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    chip.lines[6].consumer = "spi0 CS0"
    faults: list[Fault] = []
    told: list[Press] = []
    with GpioPanel(WIRING) as panel:
        panel.on_fault(faults.append)
        panel.on_press(told.append)
        chip.press(5)
    assert [(f.part, f.kind, f.cleared) for f in faults] == [("button-4", "missing", False)]
    assert [p.button for p in told] == [5]
    assert caplog.messages == [
        "GPIO 6 cannot serve as button 4 (it is used by spi0 CS0); end the program that uses it, "
        "or correct the wiring."
    ]
    assert chip.lines[6].consumer == "spi0 CS0"


def test_a_line_one_may_not_have_is_missing(chip: KernelChip, until: Until) -> None:
    chip.forbidden = {13, 25}
    faults: list[Fault] = []
    with GpioPanel(WIRING) as panel:
        panel.on_fault(faults.append)
        until(lambda: len(faults) == 2)
        assert not panel.has_buzzer
    assert [f.part for f in faults] == ["button-3", "buzzer"]


def test_without_any_button_there_is_no_panel_and_all_lines_are_given_back(
    chip: KernelChip,
) -> None:
    chip.forbidden = {5, 6, 13}
    with pytest.raises(HardwareError, match="No button of this panel can be had: GPIO 5 cannot"):
        GpioPanel(WIRING)
    assert {line.consumer for line in chip.lines} == {""}


def test_a_pin_that_the_chip_does_not_have_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    plug(monkeypatch, KernelChip(lines=13))
    with GpioPanel(WIRING) as panel:
        assert {f.part for f in panel._devices.faults} >= {"button-3", "lamp-5", "buzzer"}
    assert "this chip has lines 0 to 12 only" in caplog.text


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, 524])
def test_a_kernel_that_refuses_to_debounce_is_asked_for_none(
    monkeypatch: pytest.MonkeyPatch, until: Until, code: int
) -> None:
    chip = plug(monkeypatch, KernelChip(refuses=code))
    factory = GpiodFactory(CHIP)
    pressed = threading.Event()
    with Button(5, bounce_time=0.005, pin_factory=factory) as button:
        button.when_pressed = pressed.set
        chip.drive(5, 0)
        until(pressed.is_set)
    factory.close()


def test_a_kernel_that_debounces_is_asked_for_it(chip: KernelChip) -> None:
    factory = GpiodFactory(CHIP)
    with Button(5, bounce_time=0.005, pin_factory=factory) as button:
        button.when_pressed = print
        request = chip.lines[5].request
        assert request is not None and request.settings.debounce_period.total_seconds() == 0.005
    factory.close()


def test_kernel_lines_have_no_pwm(chip: KernelChip) -> None:
    factory = GpiodFactory(CHIP)
    with pytest.raises(PinPWMUnsupported):
        PWMLED(17, pin_factory=factory)
    with LED(17, pin_factory=factory) as led:  # it was given back
        led.on()
        assert chip.lines[17].level == 1
    factory.close()


def test_lamps_that_cannot_dim_light_fully_and_rest_lit_instead_of_breathing(
    chip: KernelChip, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wiring = parse_wiring("brightness = 0.3\n[buttons]\n5 = 5\n[lamps]\n5 = 17\n")
    with GpioPanel(wiring) as panel:
        panel.breathe(True)
        until(lambda: chip.lines[17].level)
        until(lambda: "these pins cannot dim" in caplog.text)
        panel.breathe(False)
        until(lambda: not chip.lines[17].level)
    assert chip.lines[17].levels.count(1) == 1


def test_opening_and_closing_leaves_no_descriptor_and_no_thread(chip: KernelChip) -> None:
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(3):
        GpioPanel(WIRING).close()
    assert len(os.listdir("/proc/self/fd")) == files
    assert threading.active_count() == threads
