"""The server's own log code, in a process of its own: `python -m bench.ledger_inside WHAT [N]`.

integrate: take what waits, as `work` does; JSON with entries and CPU in ms.
proofs N: fill the tree of an empty database with N leaves, prove some at random; JSON with ms.
"""

import json
import os
import random
import sys
import time

PROOFS = 1_000
AT_ONCE = 64 * 256


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    what, *rest = sys.argv[1:]
    found = {"integrate": integrate, "proofs": proofs}[what](*map(int, rest))
    print(json.dumps(found))
    return 0


def integrate() -> dict[str, float]:
    from server.ledger.integrator import integrate_all

    start = time.process_time()
    entries = integrate_all()
    return {"entries": entries, "cpu_ms": (time.process_time() - start) * 1000}


def proofs(size: int) -> dict[str, list[float]]:
    from server.ledger.models import Tree
    from server.ledger.tree import THE_TREE, open_tree

    _fill(size)
    Tree.objects.update_or_create(id=THE_TREE, defaults={"size": size})
    open_tree(size).root()
    chosen = random.choices(range(1, size), k=PROOFS)
    return {
        "inclusion": [_timed(lambda i=i: open_tree(size).inclusion(i)) for i in chosen],
        "consistency": [_timed(lambda i=i: open_tree(size).consistency(i)) for i in chosen],
    }


def _fill(size: int) -> None:
    from django.db import transaction

    from protocol.tiles import Edge
    from server.ledger.tree import write_tiles

    edge = Edge(0, [])
    with transaction.atomic():
        while edge.size < size:
            raw = os.urandom(32 * min(AT_ONCE, size - edge.size))
            write_tiles(edge.append(raw[at : at + 32] for at in range(0, len(raw), 32)))
        write_tiles(edge.partial())


def _timed(make: object) -> float:
    start = time.perf_counter()
    make()  # type: ignore[operator]
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
