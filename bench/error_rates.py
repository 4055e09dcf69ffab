"""`python -m bench.error_rates [--seed N]`: how often the statistics are wrong; a minute."""

import argparse
from statistics import median

from server.analytics.methods.intervals import exact_interval, mid_p_interval
from server.analytics.methods.wilson import wilson_interval
from tests.server.analytics.methods import error_rates as rates


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.error_rates", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    print("95 % intervals of a share: mean and least coverage")
    for method in (wilson_interval, exact_interval, mid_p_interval):
        rows = (f"n={n}: {a:.3f} {b:.3f}" for n in (5, 10, 30, 100, 300)
                for a, b in [rates.coverage(method, n)])  # fmt: skip
        print(f"  {method.__name__:18}", "   ".join(rows))
    print(f"empirical Bayes, 300 officials: {rates.shrunk_coverage(seed, 300, 100):.3f}")
    for name in ("satisfied", "mean", "net"):
        rows = (f"n={n}: {rates.index_coverage(seed, name, n, 20_000):.3f}" for n in (5, 30, 300))
        print(f"index {name}:", "   ".join(rows))
    print(f"before/after: {rates.change_coverage(seed, 50_000):.3f}")
    for budget in (1, 4):
        of = rates.counters(seed, 1000, budget)
        alarms = rates.false_alarms(seed, of, 60)
        days = rates.days_to_find_a_doubling(seed, of, 2)
        within = {m: sum(d <= m * rates.DAYS for d in days) / len(days) for m in (1, 2, 3, 6)}
        print(f"CUSUM, 1,000 counters, {budget} false alarms a month allowed: {alarms / 60:.2f}")
        print(f"  odds doubled: found after {median(days):.0f} working days, within months", within)
    for q in (0.10, 0.01):
        wrong, found = rates.false_discoveries(seed, q, 200)
        print(f"Benjamini-Hochberg q={q}: {wrong:.4f} of those called wrong, {found:.2f} found")
    plain, widened, consistent = rates.funnel_calls(seed, 500)
    print(f"funnel, units that differ as usual: far out {plain:.3f} plain, {widened:.4f} widened,"
          f" {consistent:.4f} consistent")  # fmt: skip
    outside, any_rule = rates.charts_with_a_signal(seed, 20_000)
    print(f"24 calm months: a point outside {outside:.3f}, any NHS rule {any_rule:.3f}")


if __name__ == "__main__":
    main()
