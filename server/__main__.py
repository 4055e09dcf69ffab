"""`hailong-server`: our own commands from console/, and Django's with our settings."""

import argparse
import importlib
import os
import sys
from typing import NoReturn

from server.clock import refuse_test_clock
from server.folder import SetupError

COMMANDS = (
    "init",
    "run",
    "work",
    "demo",
    "counters",
    "votes",
    "tallies",
    "recount",
    "kiosk-code",
    "settings",
    "revoke",
    "official",
    "duty",
    "order",
    "import",
    "imports",
    "import-undo",
    "place",
    "rulings",
    "reattribute",
    "flags",
    "explain",
    "signals",
    "admin",
    "account",
    "grant",
    "check",
    "rebuild",
    "backup",
    "restore",
    "log-key",
    "log-export",
    "log-resume",
    "log-break",
    "checkpoint",
    "cosignature",
    "auditor-token",
    "sealed-export",
)
NOT_OURS = {"runserver", "testserver"}  # they would serve the sample to anybody
BEFORE_INIT = {"init", "demo", "restore"}  # the only ones that may meet an empty folder


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a check found a difference, 2 could not (one sentence)."""
    argv = sys.argv[1:] if argv is None else argv
    os.umask(0o077)  # votes, sessions and password hashes are nobody else's to read
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    try:
        if any(not word.isprintable() for word in argv):
            raise SetupError("A word of the command holds characters that cannot be printed.")
        if argv and argv[0] not in COMMANDS and not argv[0].startswith("-"):
            return _django(argv)
        return _ours(argv)
    except SetupError as error:
        return _say(str(error))
    except BrokenPipeError:  # `hailong-server votes | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in ("server", "protocol"):
            raise
        return _say(f"The Python package {error.name} is missing; install hailong[server].")


class _Parser(argparse.ArgumentParser):
    """argparse that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise SetupError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def _ours(argv: list[str]) -> int:
    parser = _Parser(prog="hailong-server", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in argv if word in COMMANDS), None)
    for name in [wanted] if wanted else COMMANDS:
        module = _module(name)
        module.arguments(commands.add_parser(name, help=module.HELP, description=module.HELP))
    args = parser.parse_args(argv)
    if args.command not in BEFORE_INIT:
        _set_up()
    from django.db import DatabaseError

    from protocol.errors import ProtocolError

    try:
        code: int = _module(args.command).main(args)
    except DatabaseError as error:
        raise SetupError(_unusable(error)) from error
    except ProtocolError as error:
        raise SetupError(f"{error} `hailong-server check` says what else is amiss.") from error
    return code


def _module(name: str):  # type: ignore[no-untyped-def]
    return importlib.import_module(f"server.console.{name.replace('-', '_')}")


def _set_up() -> None:
    """Settings, keys, apps and tables; what is amiss is refused here, once for all commands."""
    import django
    from django.conf import settings

    settings.DATA.verify()
    refuse_test_clock(settings.DATA)
    django.setup()
    _check_tables()


def _check_tables() -> None:
    """SetupError unless the database answers and has the tables of this version."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    if connection.vendor == "sqlite" and not os.path.isfile(connection.settings_dict["NAME"]):
        raise SetupError(
            f"The database {connection.settings_dict['NAME']} is missing; restore it, "
            "or run `hailong-server init` to begin an empty one."
        )
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise SetupError(_unusable(error)) from error
    if plan:
        raise SetupError("The database has not all tables yet; run `hailong-server init`.")


def _unusable(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"The database cannot be used ({lines[0]}); check that it runs and that `init` is done."


def _django(argv: list[str]) -> int:
    from django.core.management import execute_from_command_line, get_commands

    if argv[0] in NOT_OURS:
        raise SetupError(f"{argv[0]} is not for this server; use `hailong-server run`.")
    if argv[0] not in get_commands():
        raise SetupError(f"There is no command {argv[0]}; see `hailong-server --help`.")
    _set_up()
    execute_from_command_line(["hailong-server", *argv])
    return 0


def _say(sentence: str) -> int:
    print(f"hailong-server: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
