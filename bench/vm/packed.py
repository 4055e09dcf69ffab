"""What goes into the guest: this Python, the packages that a kiosk depends on, and our own."""

import compileall
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
OURS = ("protocol", "hardware", "kiosk")
SITE, APP = "/site", "/app"
# Nothing of a kiosk imports them, and they would double the image.
UNUSED = {
    "test", "tests", "idlelib", "turtledemo", "tkinter", "ensurepip", "lib2to3", "pydoc_data",
    "site-packages", "dist-packages",
}  # fmt: skip
ZONES = "tzdata"  # Debian's own package on a real unit

Files = dict[str, Path]
"""Path in the guest -> file on the host."""


def python() -> Files:
    """The interpreter and its standard library, where they lie here: sys.prefix stays right."""
    library = Path(sysconfig.get_path("stdlib"))
    executable = Path(sys.executable).resolve()
    return {str(f): f for f in (executable, *_below(library, UNUSED))}


def packages(*, without: frozenset[str] = frozenset()) -> Files:
    """A kiosk's dependencies as they are installed here, below SITE."""
    found: dict[str, Distribution] = {}
    _depends(distribution("hailong"), {"kiosk"}, without, found)
    _depends(distribution(ZONES), set(), without, found)
    files: Files = {}
    for each in found.values():
        for part in each.files or ():
            source = Path(str(each.locate_file(part)))
            if ".." not in part.parts and source.is_file():
                files[f"{SITE}/{part}"] = source
    return files


def ours() -> Files:
    """Our packages below APP, compiled: the emulated processor is slow at it."""
    files: Files = {}
    for name in OURS:
        compileall.compile_dir(ROOT / name, quiet=2)
        files |= {f"{APP}/{f.relative_to(ROOT)}": f for f in _below(ROOT / name, set())}
    return files


def libraries(files: Iterable[Path]) -> Files:
    """The shared libraries of the system that those files need."""
    programs = [str(f) for f in files if ".so" in f.name or f.stat().st_mode & 0o100]
    told = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
    found = {Path(path) for path in re.findall(r"(/\S+) \(0x", told)}
    return {str(f): f for f in found if "site-packages" not in f.parts}


def _depends(
    of: Distribution, extras: set[str], without: frozenset[str], found: dict[str, Distribution]
) -> None:
    """Collects `of` and all that it needs with these extras, but for `without`."""
    name = of.name.lower()
    if name in without:
        return
    found[name] = of
    for text in of.requires or ():
        wanted = Requirement(text)
        if any(
            wanted.marker is None or wanted.marker.evaluate({"extra": extra})
            for extra in extras | {""}
        ):
            if wanted.name == of.name:  # hailong[hardware], from hailong[kiosk]
                _depends(of, set(wanted.extras), without, found)
            elif wanted.name.lower() not in found:
                _depends(distribution(wanted.name), set(wanted.extras), without, found)


def _below(folder: Path, skipped: set[str]) -> Iterator[Path]:
    tag = sys.implementation.cache_tag or ""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        other = path.suffix == ".pyc" and not path.name.endswith(f"{tag}.pyc")
        if path.is_file() and not other and not skipped & set(inner.parts) and path.suffix != ".a":
            yield path
