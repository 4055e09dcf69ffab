"""The table. What is not met is said; only a difference in data fails."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bench.process import Process, load

MOST_PERCENT, MOST_MB, DRAINED_S, LONGEST_WAIT_S = 60.0, 400.0, 600.0, 300.0


def steady(
    figures: Sequence[Mapping[str, Any]], percent: Mapping[str, float], lasted_s: float
) -> None:
    print(f"steady for {lasted_s:.0f} s, {load()}")
    _requests(figures, lasted_s)
    _cpu(percent)


def _requests(figures: Sequence[Mapping[str, Any]], lasted_s: float | None = None) -> None:
    kinds = sorted({kind for each in figures for kind in each["took_ms"]})
    for kind in kinds:
        took = sorted(ms for each in figures for ms in each["took_ms"].get(kind, ()))
        p50, p95, p99 = (took[int(len(took) * share)] for share in (0.50, 0.95, 0.99))
        rate = f"{len(took) / lasted_s:7.1f}/s" if lasted_s else f"{len(took):9,}"
        print(f"  {kind:<10} {rate}   p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f} ms")
    no_answers = sum(each["no_answers"] for each in figures)
    print(f"  without an answer: {no_answers}; lines unsent: {sum(e['unsent'] for e in figures)}")
    odd: Counter[str] = Counter()
    for each in figures:
        odd.update(each["odd"])
    for word, count in odd.most_common(5):
        print(f"  {count} answered otherwise: {word}")


def _cpu(percent: Mapping[str, float]) -> None:
    ours = sum(share for name, share in percent.items() if name != "load generator")
    parts = ", ".join(f"{name} {share:.1f}%" for name, share in percent.items())
    print(
        f"  CPU of the whole machine: {parts}; server and PostgreSQL {ours:.1f}% "
        f"(at most {MOST_PERCENT:.0f}%){_unmet(ours > MOST_PERCENT)}"
    )


def memory(most_mb: Mapping[str, float]) -> None:
    total = sum(most_mb.values())
    parts = ", ".join(f"{name} {mb:.0f}" for name, mb in most_mb.items())
    print(
        f"  memory (PSS, MB): {parts}; together {total:.0f} (at most {MOST_MB:.0f})"
        f"{_unmet(total > MOST_MB)}"
    )


def held(process: Process | None) -> None:
    if process is not None:
        told = [event for event in process.events if event["event"] == "held"]
        most, newest = max(event["open"] for event in told), told[-1]
        print(
            f"  idle connections: {newest['open']:,} open, at most {most:,}; closed after 150 s "
            f"without a request and opened again: {newest['lost']:,}"
        )


def outage(
    lines: int,
    started_s: float,
    drained: Sequence[Mapping[str, Any]],
    percent: Mapping[str, float],
    figures: Sequence[Mapping[str, Any]],
) -> None:
    after = sorted(s for event in drained for s in event["after_s"])
    print(f"after an outage: {lines:,} votes waited; it answered {started_s:.1f} s after its start")
    print(
        f"  backlog gone after {after[-1]:.0f} s (at most {DRAINED_S:.0f}), half of the kiosks "
        f"after {after[len(after) // 2]:.0f} s, {load()}{_unmet(after[-1] > DRAINED_S)}"
    )
    late = sum(s > LONGEST_WAIT_S + 2 for s in after)
    print(f"  kiosks that waited over their longest back-off of 300 s: {late}{_unmet(late > 0)}")
    _requests(figures)
    _cpu(percent)


def comparison(
    sent: Sequence[Mapping[str, Any]],
    differing: Sequence[str],
    tallied_s: float | None,
    stopped_s: float,
) -> bool:
    lines, votes = sum(j["lines"] for j in sent), sum(sum(j["ratings"]) for j in sent)
    if differing:
        print(f"DIFFERENT: {len(differing)} of {len(sent)} journals, such as {differing[0]}")
    else:
        print(f"every journal is held byte for byte as it was sent: {lines:,} lines")
    if tallied_s is None:
        print("DIFFERENT: the tallies are not what was pressed")
    else:
        print(f"tallies: {votes:,} votes as pressed, {tallied_s:.1f} s after the last was sent")
    print(f"SIGTERM to its end: {stopped_s:.1f} s")
    return not differing and tallied_s is not None


def _unmet(is_unmet: bool) -> str:
    return "  NOT MET" if is_unmet else ""
