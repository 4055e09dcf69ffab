"""What the model of a disk allows after a power cut, and that a trace has no holes."""

import random
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.powercut.disk import Disk
from tests.powercut.trace import (
    CALLS,
    Create,
    Move,
    Remove,
    Resize,
    Step,
    Sync,
    UnknownCallError,
    Write,
    read_steps,
)  # fmt: skip

DRAWS: Final = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "unit"
    made.mkdir()
    (made / "old").write_bytes(b"o" * 1024)
    return made


def left(folder: Path, *steps: Step) -> set[tuple[tuple[str, bytes], ...]]:
    """Every set of files that was drawn after these steps; "NAME" stands for a path below."""
    disk = Disk(folder)
    for step in steps:
        disk.take(step)  # type: ignore[arg-type]
    states = (disk.after_cut(random.Random(seed)) for seed in range(DRAWS))
    return {
        tuple((name.removeprefix("unit/"), c) for name, c in sorted(state.items()) if c is not None)
        for state in states
    }


def test_what_was_there_before_is_sure(folder: Path) -> None:
    assert left(folder) == {(("old", b"o" * 1024),)}


def test_sectors_that_were_not_synced_survive_in_any_order(folder: Path) -> None:
    states = left(folder, Write(f"{folder}/old", 0, b"n" * 1024))
    contents = {state[0][1] for state in states}
    halves = {(content[:512], content[512:]) for content in contents}
    old, new = b"o" * 512, b"n" * 512
    assert {(old, old), (new, new), (new, old), (old, new)} <= halves


def test_a_sector_may_be_torn(folder: Path) -> None:
    states = left(folder, Write(f"{folder}/old", 0, b"n" * 1024))
    assert any(state[0][1].startswith(b"n" * 256 + b"o" * 256) for state in states)


def test_what_was_synced_is_sure(folder: Path) -> None:
    path = f"{folder}/old"
    states = left(folder, Write(path, 0, b"n" * 1024), Sync(path, data_only=True))
    assert states == {(("old", b"n" * 1024),)}


def test_a_file_renamed_before_its_sync_may_be_empty_under_the_new_name(folder: Path) -> None:
    new, old = f"{folder}/new", f"{folder}/old"
    states = left(folder, Create(new, True), Write(new, 0, b"n"), Move(new, old))
    assert (("old", b""),) in states


def test_a_name_may_be_the_old_one_until_the_folder_is_synced(folder: Path) -> None:
    new, old = f"{folder}/new", f"{folder}/old"
    steps: list[Step] = [
        Create(new, True), Write(new, 0, b"n"), Sync(new, data_only=False), Move(new, old),
    ]  # fmt: skip
    assert left(folder, *steps) == {
        (("new", b"n"), ("old", b"o" * 1024)),
        (("old", b"n"),),
    }
    assert left(folder, *steps, Sync(str(folder), data_only=False)) == {(("old", b"n"),)}


def test_names_survive_in_their_order(folder: Path) -> None:
    first, second = f"{folder}/1", f"{folder}/2"
    states = left(folder, Create(first, False), Create(second, False), Remove(first))
    names = {tuple(name for name, _ in state) for state in states}
    assert names == {("old",), ("1", "old"), ("1", "2", "old"), ("2", "old")}


def test_what_was_cut_off_never_comes_back(folder: Path) -> None:
    old, other = f"{folder}/old", f"{folder}/other"
    steps: list[Step] = [Write(old, 512, b"n" * 512), Resize(old, 512), Create(other, False)]
    states = left(folder, *steps, Sync(other, data_only=False))
    assert {dict(state)["old"] for state in states} == {b"o" * 512}


def traced(folder: Path, script: str) -> list[Step]:
    """The steps of a shell's script, run in the folder."""
    log = folder.parent / "log"
    trace = ["strace", "-f", "-q", "-y", "-xx", "-s", "100000", "-e", "trace=" + ",".join(CALLS)]
    subprocess.run([*trace, "-o", log, "sh", "-c", script], cwd=folder, check=True)
    return read_steps(log, folder)


def test_a_trace_tells_names_content_and_syncs(folder: Path) -> None:
    new, old = f"{folder}/new", f"{folder}/old"
    steps = traced(folder, f"echo một > {new}; sync {new}; mv {new} {old}; rm {old}")
    assert steps == [
        Create(new, True), Write(new, 0, "một\n".encode()), Sync(new, data_only=False),
        Move(new, old), Remove(old),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "deed", ["fallocate -l 9 {0}/old", "echo more >> {0}/old", "ln {0}/old {0}/b"]
)
def test_a_deed_that_the_model_does_not_know_is_no_proof(folder: Path, deed: str) -> None:
    with pytest.raises(UnknownCallError):
        traced(folder, deed.format(folder))
