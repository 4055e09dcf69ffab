"""`python -m bench.powercut`: the plug is pulled on a real kiosk in a virtual machine, whose card
forgets what was not flushed; every press that was thanked has to be there again.

Without options: as it is sold (FULL), and two controls that must lose presses: commits that do not
wait (NORMAL), and a card that lies about flushing. Exit 1 if any of the three is not so.
"""

import argparse
import random
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.powercut.card import Card
from bench.powercut.cycle import Life, Votes, live
from bench.vm.enrolled import disk, kiosk_folder
from bench.vm.errors import GuestError
from bench.vm.guest import Guest, build

HERE = Path(__file__).parent
CARELESS = HERE.parents[1] / "tests/powercut/careless.py"
KIOSK = {"full": "python3 -m kiosk", "normal": "python3 /job/careless.py commits"}


class Trial(NamedTuple):
    """How commits wait, and whether the card lies."""

    sync: str
    lies: bool = False

    def __str__(self) -> str:
        return self.sync.upper() + (", card lies" if self.lies else "")

    @property
    def must_lose(self) -> bool:
        return self.lies or self.sync != "full"


class Result(NamedTuple):
    """One trial's sums."""

    trial: Trial
    cuts: int
    thanked: int
    lost: int

    @property
    def fine(self) -> bool:
        return self.thanked > 0 and (self.lost > 0) == self.trial.must_lose


def main() -> int:
    args = _arguments()
    given = args.sync is not None or args.lie
    trials = [Trial("full"), Trial("normal"), Trial("full", lies=True)]
    if given:
        trials = [Trial(args.sync or "full", lies=args.lie)]
    try:
        guest, kiosk = build(), kiosk_folder("undo_s = 0")
        results = [_try(trial, args.cuts, args.seed, guest, kiosk) for trial in trials]
    except GuestError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\n{'commits':<18}{'cuts':>6}{'thanked':>9}{'found':>7}{'lost':>6}")
    for trial, cuts, thanked, lost in results:
        print(f"{trial!s:<18}{cuts:>6}{thanked:>9}{thanked - lost:>7}{lost:>6}")
    return 0 if all(result.fine for result in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.powercut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=6, metavar="N", help="of each trial, default 6")
    parser.add_argument("--sync", choices=KIOSK, help="only this: how the kiosk commits")
    parser.add_argument("--lie", action="store_true", help="only this: the card ignores flushes")
    parser.add_argument("--seed", type=int, default=4, metavar="N", help="of the instants")
    return parser.parse_args()


def _try(trial: Trial, cuts: int, seed: int, guest: Guest, kiosk: bytes) -> Result:
    """Cuts the power so many times, and looks after each what is there."""
    print(f"\n{trial}\n{'cut':>4}{'thanked':>9}{'found':>7}{'lost':>6}  unflushed sectors survived")
    job, chance = _job(trial, kiosk), random.Random(seed)
    all_thanked = all_lost = 0
    with disk() as image:
        card = Card(image, lies=trial.lies, chance=chance)
        boot = partial(live, guest, job, card, image.with_suffix(".socket"), chance)
        promised: Votes = {}
        life = boot()
        for number in range(1, cuts + 1):
            promised |= life.thanked
            thanked, cut = len(life.thanked), card.cut
            _repair(image)
            life = boot()
            lost = _take_lost(promised, life)
            if life.kept is None:  # nothing can be read any more: the next card is a new one
                print("  " + "\n  ".join(life.said), file=sys.stderr)
                _replace(image)
                life = boot()
            all_thanked, all_lost = all_thanked + thanked, all_lost + lost
            print(f"{number:>4}{thanked:>9}{len(promised):>7}{lost:>6}"
                  f"  {cut.survived} of {cut.unflushed}", flush=True)  # fmt: skip
    return Result(trial, cuts, all_thanked, all_lost)


def _take_lost(promised: Votes, life: Life) -> int:
    """How many votes that were thanked are gone; they are promised no more. A journal that the
    kiosk itself cannot take into service again counts as gone, too."""
    kept = life.kept if life.journal else None
    gone = [vote for vote, rating in promised.items() if (kept or {}).get(vote) != rating]
    for vote in gone:
        del promised[vote]
    return len(gone)


def _repair(image: Path) -> None:
    """What a unit's own start does before it mounts the card. Without it one that was cut in the
    middle of a commit of the file system might not be mounted at all."""
    subprocess.run(["e2fsck", "-y", str(image)], capture_output=True)


def _replace(image: Path) -> None:
    """Another card, empty."""
    with disk() as new:
        new.rename(image)


def _job(trial: Trial, kiosk: bytes) -> Mapping[str, bytes | str]:
    return {
        "run.sh": (HERE / "guest.sh").read_bytes(),
        "kept.py": (HERE / "kept.py").read_bytes(),
        "careless.py": CARELESS.read_bytes(),
        "kiosk": KIOSK[trial.sync],
        "kiosk.tar": kiosk,
    }


if __name__ == "__main__":
    sys.exit(main())
