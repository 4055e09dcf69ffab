"""`hailong-server`: our own commands from console/, and Django's with our settings."""

import argparse
import importlib
import os
import sys

from server.folder import SetupError

COMMANDS = (
    "init",
    "run",
    "work",
    "demo",
    "counters",
    "votes",
    "tallies",
    "kiosk-code",
    "admin",
    "check",
    "rebuild",
)
BEFORE_INIT = {"init", "demo"}  # the only ones that may meet an empty folder


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 a check found a difference, 2 could not (one sentence)."""
    argv = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    try:
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


def _ours(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="hailong-server", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in argv if word in COMMANDS), None)
    for name in [wanted] if wanted else COMMANDS:
        module = _module(name)
        module.arguments(commands.add_parser(name, help=module.HELP, description=module.HELP))
    args = parser.parse_args(argv)
    if args.command not in BEFORE_INIT:
        _set_up()
    from django.db import DatabaseError

    try:
        code: int = _module(args.command).main(args)
    except DatabaseError as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return _say(f"The database did not answer as it should ({first}); is `init` done?")
    return code


def _module(name: str):  # type: ignore[no-untyped-def]
    return importlib.import_module(f"server.console.{name.replace('-', '_')}")


def _set_up() -> None:
    """Settings and apps; a folder without `init` is refused here, once for all commands."""
    import django
    from django.conf import settings

    settings.DATA.server_name  # noqa: B018 - reads server.toml, which says what is wrong with it
    django.setup()


def _django(argv: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hailong-server", *argv])
    return 0


def _say(sentence: str) -> int:
    print(f"hailong-server: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
