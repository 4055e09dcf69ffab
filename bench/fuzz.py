"""`python -m bench.fuzz SECONDS`: the fuzz target of the line door, round after round."""

import os
import random
import subprocess
import sys
import time

TARGET = "tests/server/ingest/test_line_door_fuzz.py"
EXAMPLES = 2_000


def main() -> int:
    """0 when the time is over; 1 with hypothesis's smallest example when something broke."""
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        print("say for how many seconds: python -m bench.fuzz 600", file=sys.stderr)
        return 2
    end, rounds = time.monotonic() + int(sys.argv[1]), 0
    while time.monotonic() < end:
        seed = random.SystemRandom().randrange(2**32)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", TARGET, f"--hypothesis-seed={seed}"],
            env={**os.environ, "HAILONG_EXAMPLES": str(EXAMPLES)},
            capture_output=True,
            text=True,
        )
        rounds += 1
        print(f"round {rounds}, seed {seed}: {done.stdout.strip().rpartition(chr(10))[2]}")
        if done.returncode:
            print(done.stdout)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
