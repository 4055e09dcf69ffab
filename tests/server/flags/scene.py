"""A counter whose votes are cast at chosen moments, for tests of flags."""

from typing import Any

from tests.server.attribution.scene import MINUTE, NINE, morning, vote
from tests.server.votes.river import Station, new_unit


def mash(station: Station, at_ms: int, ratings: list[int], gap_ms: int = 1_500) -> list[int]:
    """Presses in a row, by a thumb that is no clock; their seqs."""
    return [
        vote(station, at_ms + n * gap_ms + n * n % 5 * 90, rating=r) for n, r in enumerate(ratings)
    ]


def quiet_votes(station: Station, ratings: list[int], at_ms: int = NINE) -> list[int]:
    """Votes some minutes apart, as citizens cast them."""
    return [
        vote(station, at_ms + n * 7 * MINUTE + n * n * 1_700, rating=r)
        for n, r in enumerate(ratings)
    ]


def states(unit: str) -> dict[int, str]:
    """The state of each vote by seq, where one journal is all there is."""
    from server.attribution.models import Attribution

    return dict(Attribution.objects.filter(unit=unit).values_list("seq", "state"))


def flags(unit: str) -> dict[int, str]:
    from server.flags.models import Flag

    found: dict[int, str] = {}
    for seq, flag in (
        Flag.objects.filter(unit=unit).order_by("seq", "flag").values_list("seq", "flag")
    ):
        found[seq] = f"{found[seq]} {flag}" if seq in found else flag
    return found


def doubts(unit: str) -> list[Any]:
    from server.flags.models import Doubt

    return list(Doubt.objects.filter(unit=unit, n__gt=0).order_by("number"))


def run(station: Station) -> None:
    from server import pipeline

    station.send()
    pipeline.run_until_done()


def scene() -> tuple[str, Station]:
    unit = new_unit()
    return unit, morning(unit)


def everything(unit: str) -> dict[str, list[dict[str, object]]]:
    """Every row of flags, doubts and figures that a rebuild must give again."""
    from server.analytics.services import TALLIES
    from server.attribution.models import Attribution
    from server.flags.models import DecidedVote, Decision, Doubt, DoubtVote, Flag
    from tests.server.votes.river import rows

    models = (Flag, Doubt, DoubtVote, Decision, DecidedVote, Attribution, *TALLIES)
    return {model.__name__: rows(model, unit=unit) for model in models}
