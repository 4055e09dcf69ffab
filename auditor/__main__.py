"""`hailong-audit`: the command of an inspector who trusts neither kiosk nor server."""

import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool

from auditor.arguments import language
from auditor.commands import parse
from auditor.errors import CannotCheck, Contradicted, Unable
from auditor.pull import Rewritten
from auditor.words import plain, say
from protocol.errors import ProtocolError


def main(argv: Sequence[str] | None = None) -> int:
    """0 proved, 1 contradicted, 2 could not check (all of it)."""
    args = parse(argv)
    try:
        status: int = args.do(args)
    except Rewritten as error:
        print(f"hailong-audit: {plain(str(error))}", file=sys.stderr)
        return 1
    except Unable as error:
        sentence = say(language(args), error.code, error.values)
        print(f"hailong-audit: {sentence}", file=sys.stderr)
        return 1 if isinstance(error, Contradicted) else 2
    except (CannotCheck, ProtocolError) as error:
        print(f"hailong-audit: {plain(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 2
    except BrokenProcessPool:
        print("hailong-audit: a process was ended; try again with --jobs 1.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"hailong-audit: {plain(str(error))}", file=sys.stderr)
        return 2
    except Exception as error:  # noqa: BLE001 - 1 says "contradicted": no crash may say that
        why = f"{type(error).__name__}: {error}"[:200]
        sentence = say(language(args), "unexpected", {"why": why})
        print(f"hailong-audit: {sentence}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
