"""How a stage of the pipeline goes through its work. Knows no stage."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def do_each(items: Iterable[T], do: Callable[[T], object]) -> bool:
    """Do every item; True if there was one.

    One that fails does not hold up the others: what failed is raised together at the end.
    """
    failed: list[Exception] = []
    some = False
    for item in items:
        some = True
        try:
            do(item)
        except Exception as error:  # noqa: BLE001 - raised below
            failed.append(error)
    if failed:
        raise ExceptionGroup("a stage of the pipeline could not do all of its work", failed)
    return some
