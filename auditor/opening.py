"""What an inspector names, a folder, a zip or an address, as a folder that can be read."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import Unable
from auditor.place import Place, open_folder
from auditor.pull import pull
from auditor.sealed import unpack


@contextmanager
def opened(where: str, token: str | None) -> Iterator[Place]:
    """The log there; what was unpacked or fetched for it is gone afterwards. Unable."""
    if where.startswith(("http://", "https://")):
        with tempfile.TemporaryDirectory(prefix="hailong-audit-") as folder:
            pull(where, Path(folder) / "log", token, as_is=True)
            yield open_folder(Path(folder) / "log")
        return
    path = Path(where)
    if path.is_dir():
        yield open_folder(path)
        return
    if not path.exists():
        raise Unable("unreadable", file=where, why="there is no such file or folder")
    if not zipfile.is_zipfile(path):
        raise Unable("bad_zip", file=where, why="it does not end as a zip does")
    with tempfile.TemporaryDirectory(prefix="hailong-audit-") as folder:
        unpack(path, Path(folder))
        yield open_folder(Path(folder))
