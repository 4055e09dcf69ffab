"""The river on one page: understand, attribute, flag, tally, watch. Only it knows the order.

Each stage finds its own work, writes only its own tables, and may run twice or beside another
process running it too. A crash anywhere is healed by running again.
"""

from collections.abc import Callable

from django.db import transaction

from server.analytics.pending import waiting_days
from server.analytics.selectors import rebuilding
from server.analytics.services import (
    begin_rebuild,
    count_again,
    end_rebuild,
    forget_counts,
    recount_changed,
)
from server.attribution.selectors import attributed_up_to
from server.attribution.services import attribute_pending, forget_attributions
from server.flags.services import flag_pending, forget_flags
from server.organisation.selectors import units
from server.organisation.services import lock_unit
from server.signals.services import watch_pending
from server.votes.selectors import acked_up_to, understood_up_to
from server.votes.services import forget_votes, understand_pending

Tell = Callable[[str, int, int], None]


def _say_nothing(what: str, done: int, of: int) -> None:
    """Nobody wants to know how far a rebuild is."""


def run_once() -> bool:
    """One step of every stage; True if any of them found something to do.

    Raises ExceptionGroup at the end if some of it failed: that waits, the rest has gone on.
    """
    did = False
    failed: list[Exception] = []
    for stage in (
        understand_pending, attribute_pending, flag_pending, recount_changed, watch_pending
    ):  # fmt: skip
        try:
            did |= stage()
        except ExceptionGroup as group:
            failed.extend(group.exceptions)
    if failed:
        raise ExceptionGroup("the pipeline could not do all of its work", failed)
    return did


def run_until_done() -> None:
    """Return when every line accepted before this began is attributed and tallied."""
    accepted = acked_up_to()
    while run_once() and not _all_attributed(accepted):
        pass
    # What another process attributed a moment ago is counted here, whoever is quicker.
    flag_pending()
    recount_changed()
    watch_pending()


def rebuild(*, tallies_only: bool = False, tell: Tell = _say_nothing) -> None:
    """Make everything right of the ledger again from the lines, or the tallies alone from the
    votes: the same figures.

    One that a crash ended is gone on with, not begun again. While tallies are counted again the
    old ones stand; a whole rebuild has fewer figures than lines until its end.
    """
    if not goes_on(tallies_only=tallies_only):
        _begin_tallies() if tallies_only else _begin()
    accepted = acked_up_to()
    # Stage by stage: a month counted half would be drawn anew, and then anew again.
    while understand_pending():
        tell("lines understood", sum(understood_up_to().values()), sum(accepted.values()))
    while attribute_pending():
        tell("lines attributed", sum(attributed_up_to().values()), sum(accepted.values()))
    flag_pending()  # before the tallies: a vote that is held is never counted meanwhile
    _count(tell)
    run_until_done()
    end_rebuild()
    watch_pending()


def goes_on(*, tallies_only: bool) -> bool:
    """Whether a rebuild was broken off that makes what this one would, and left something to do:
    the worker may have brought it to its end."""
    begun = rebuilding()
    if begun is None or (begun and not tallies_only):
        return False
    return not _all_attributed(acked_up_to()) or waiting_days() > 0


def _begin() -> None:
    with transaction.atomic():
        # Whoever works beside this waits at the unit, as every stage does, and then finds nothing.
        for unit in units():
            lock_unit(unit=unit.code)
        forget_counts()
        forget_flags()
        forget_attributions()
        forget_votes()
        begin_rebuild(tallies_only=False)


def _begin_tallies() -> None:
    # A crash before the end leaves some days marked: marking all again costs only time.
    for unit in units():
        count_again(unit=unit.code)
    begin_rebuild(tallies_only=True)


def _count(tell: Tell) -> None:
    waiting, done = waiting_days(), 0

    def counted(days: int) -> None:
        nonlocal done
        done += days
        tell("days counted", min(done, waiting), waiting)

    recount_changed(counted)


def _all_attributed(accepted: dict[str, int]) -> bool:
    attributed = attributed_up_to()
    return all(attributed.get(journal, 0) >= acked for journal, acked in accepted.items() if acked)
