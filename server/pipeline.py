"""The river on one page: understand -> attribute -> tally. The only place that knows the order.

Each stage finds its own work, writes only its own tables, and may run twice or beside another
process running it too. A crash anywhere is healed by running again.
"""

from django.db import transaction

from server.analytics.services import forget_counts, recount_changed
from server.attribution.selectors import attributed_up_to
from server.attribution.services import attribute_pending, forget_attributions
from server.organisation.selectors import units
from server.organisation.services import lock_unit
from server.votes.selectors import acked_up_to
from server.votes.services import forget_votes, understand_pending


def run_once() -> bool:
    """One step of every stage; True if any of them found something to do.

    Raises ExceptionGroup at the end if some of it failed: that waits, the rest has gone on.
    """
    did = False
    failed: list[Exception] = []
    for stage in (understand_pending, attribute_pending, recount_changed):
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
    recount_changed()


def rebuild() -> None:
    """Drop everything right of the ledger and make it again from the lines: the same figures.

    A crash in between leaves fewer figures than lines; `work` or another rebuild completes them.
    """
    with transaction.atomic():
        # Whoever works beside this waits at the unit, as every stage does, and then finds nothing.
        for unit in units():
            lock_unit(unit=unit.code)
        forget_counts()
        forget_attributions()
        forget_votes()
    # Stage by stage: a month counted half would be drawn anew, and then anew again.
    while understand_pending():
        pass
    while attribute_pending():
        pass
    run_until_done()


def _all_attributed(accepted: dict[str, int]) -> bool:
    attributed = attributed_up_to()
    return all(attributed.get(journal, 0) >= acked for journal, acked in accepted.items() if acked)
