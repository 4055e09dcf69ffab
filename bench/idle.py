"""While nothing moves: CPU and frames of the real kiosk beside a bare window, at the same time.

Both have the same clock settings; the kiosk is enrolled, and its server answers.
"""

import argparse
import time

from bench.display import display
from bench.enrolled import RUN, enrolled
from bench.process import load, process

SETTLES_S = 10.0
LASTS_S = 30.0
MOST = 1.2
AIM_PERCENT = 1.0


def run(args: argparse.Namespace) -> bool:
    """Print percent of a core, their ratio and the frames drawn; True if ratio and frames are
    fine."""
    lasts_s = LASTS_S / (10 if args.quick else 1)
    with (
        enrolled() as kiosk, display() as one, display() as other,
        process("bench.bare", env=one) as bare,
        process("bench.watched", *RUN, env={**kiosk, **other}) as ours,
    ):  # fmt: skip
        ours.wait_for("ready")
        bare.wait_for("drawn")
        ours.say("invite")  # for a while no stills take turns: nothing moves
        time.sleep(SETTLES_S)
        both = (bare, ours)
        cpu_s, drawn = [p.cpu_s() for p in both], ours.count("drawn")
        time.sleep(lasts_s)
        bare_s, ours_s = (p.cpu_s() - before for p, before in zip(both, cpu_s, strict=True))
        drawn = ours.count("drawn") - drawn
    ratio = ours_s / bare_s
    fine = ratio <= MOST and not drawn
    print(
        f"nothing moves for {lasts_s:.0f} s: {ours_s / lasts_s:.2%} of a core (aim under "
        f"{AIM_PERCENT:.0f}%), bare window {bare_s / lasts_s:.2%}: {ratio:.2f} times (at most "
        f"{MOST}); frames drawn: {drawn} (0); {load()}{'' if fine else '  NOT MET'}"
    )
    return fine
