"""Memory of the real kiosk beside a bare window, once both have stood for a while."""

import argparse
import time

from bench.display import display
from bench.enrolled import RUN, enrolled
from bench.process import process

SETTLES_S = 10.0
MOST = 1.25


def run(args: argparse.Namespace) -> bool:
    """Print RSS and PSS in MiB and their ratios; True if both are at most MOST."""
    with (
        enrolled() as kiosk, display() as one, display() as other,
        process("bench.bare", env=one) as bare,
        process("kiosk", *RUN, env={**kiosk, **other}) as ours,
    ):  # fmt: skip
        ours.wait_for("ready")
        bare.wait_for("drawn")
        time.sleep(SETTLES_S / (10 if args.quick else 1))
        ours.say("press 5")
        ours.wait_for("thanks")
        time.sleep(2)
        mib = {what: (ours.kib(what) / 1024, bare.kib(what) / 1024) for what in ("Rss", "Pss")}
    fine = all(mine <= MOST * its for mine, its in mib.values())
    for what, (mine, its) in mib.items():
        print(
            f"{what.upper()}: {mine:.0f} MiB, bare window {its:.0f} MiB: {mine / its:.2f} times "
            f"(at most {MOST}){'' if mine <= MOST * its else '  NOT MET'}"
        )
    return fine
