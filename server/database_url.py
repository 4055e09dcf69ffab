"""Which database HAILONG_DATABASE_URL names, in Django's words."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from server.folder import SetupError

POSTGRES_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
FORM = "write postgresql://user:password@host:port/name or sqlite:////path/to/a/file."


def read_database(url: str, *, folder: Path, file: Path) -> dict[str, Any]:
    """Django's description of the database that `url` names; "": SQLite in `file`.

    A path after three slashes begins in `folder`, after four at the root. Raises SetupError.
    """
    if not url:
        return _sqlite(file, folder)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise SetupError(f"HAILONG_DATABASE_URL cannot be read ({error}); {FORM}") from None
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(parts)
    if parts.scheme == "sqlite":
        return _sqlite(folder / _path(parts), folder)
    raise SetupError(f"HAILONG_DATABASE_URL names no database that we know; {FORM}")


def _path(parts: SplitResult) -> Path:
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or parts.fragment or not path or not path.isprintable():
        raise SetupError(f"HAILONG_DATABASE_URL names no file for SQLite; {FORM}")
    return Path(path)


def _sqlite(file: Path, folder: Path) -> dict[str, Any]:
    if file.is_dir():
        raise SetupError(f"HAILONG_DATABASE_URL names {file}, which is a folder; name a file.")
    if not file.parent.is_dir() and file.parent != folder:
        raise SetupError(
            f"There is no folder {file.parent} for the file that HAILONG_DATABASE_URL names; "
            "make it first."
        )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # FULL: an acknowledged line survives a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        },
    }


def _postgresql(parts: SplitResult) -> dict[str, Any]:
    name = unquote(parts.path.lstrip("/"))
    if not 0 < len(name.encode()) <= 63:
        raise SetupError(f"HAILONG_DATABASE_URL names no PostgreSQL database; {FORM}")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    if unknown := set(options) - POSTGRES_OPTIONS:
        raise SetupError(
            f"HAILONG_DATABASE_URL has an unknown option {unknown.pop()!r}; "
            f"there are host, {', '.join(sorted(POSTGRES_OPTIONS))}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
