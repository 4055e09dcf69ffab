"""How a stage of the pipeline goes through its work. Knows no stage."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def all_of(*parts: Callable[[], bool]) -> bool:
    """Do every part of a stage; True if one of them did something. One that fails does not hold up
    the others, as in do_each."""
    failed: list[Exception] = []
    did = False
    for part in parts:
        try:
            did |= part()
        except ExceptionGroup as group:
            failed.extend(group.exceptions)
    if failed:
        raise ExceptionGroup("a stage of the pipeline could not do all of its work", failed)
    return did


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


def do_groups(groups: Iterable[Sequence[T]], do: Callable[[Sequence[T]], object]) -> bool:
    """Do every group of items in one call and one transaction; True if there was one.

    What is asked and written once for many costs each of them little. A group that fails is done
    again one by one, so that its other items are not held up.
    """
    failed: list[Exception] = []
    some = False
    for group in groups:
        some = True
        try:
            do(group)
        except Exception as error:  # noqa: BLE001 - raised below, if it is not healed
            if len(group) == 1:
                failed.append(error)
                continue
            try:
                do_each(group, lambda item: do([item]))
            except ExceptionGroup as errors:
                failed.extend(errors.exceptions)
    if failed:
        raise ExceptionGroup("a stage of the pipeline could not do all of its work", failed)
    return some


def in_groups(items: Sequence[T], at_once: int) -> Iterator[Sequence[T]]:
    """The items, at most so many in a group."""
    for first in range(0, len(items), at_once):
        yield items[first : first + at_once]
