"""A count of votes from journals alone, written apart from what it checks: json and hashlib."""

import hashlib
import json

MINUTE_MS = 60_000
DAY_MS = 86_400_000
LOCAL_MS = 7 * 3_600_000  # Asia/Ho_Chi_Minh has no daylight saving time

Line = bytes
Key = tuple[str, str, str, str]  # unit, counter, local date, official or nobody


def chain_faults(lines: "list[Line]", *, journal: str, public_key: str) -> "list[str]":
    """What does not follow: each line names its place and the hash of the one before it.

    public_key: base64, as the journal's kiosk enrolled it.
    """
    faults = []
    before = hashlib.sha256(f"hailong/journal/v1\n{journal}\n{public_key}\n".encode()).hexdigest()
    for place, line in enumerate(lines, 1):
        record = json.loads(line)
        if (record["journal"], record["seq"], record["prev"]) != (journal, place, before):
            faults.append(f"journal {journal} seq {place}: does not follow the line before it")
        before = hashlib.sha256(line).hexdigest()
    return faults


def count(lines: "list[Line]", *, unit: str, counter: str) -> "dict[Key, list[int]]":
    """(unit, counter, date, official) -> votes with rating 1 to 5."""
    counted: dict[Key, list[int]] = {}
    records = [json.loads(line) for line in lines]
    officials = on_duty(records)
    for vote, rating in final_votes(records):
        key = (unit, counter, local_date(vote["wall_ms"]), officials.get(vote["seq"], ""))
        counted.setdefault(key, [0] * 5)[rating - 1] += 1
    return counted


def final_votes(records: "list[dict]") -> "list[tuple[dict, int]]":
    """Every vote with its last rating: one revised in the same boot, within a minute."""
    votes = {r["seq"]: r for r in records if r["type"] == "vote"}
    ratings = {seq: vote["data"]["rating"] for seq, vote in votes.items()}
    for record in records:
        vote = votes.get(record["data"].get("vote")) if record["type"] == "vote.revised" else None
        if vote is None or vote["seq"] > record["seq"] or vote["boot"] != record["boot"]:
            continue
        if record["mono_ms"] - vote["mono_ms"] <= MINUTE_MS:
            ratings[vote["seq"]] = record["data"]["rating"]
    return [(vote, ratings[seq]) for seq, vote in votes.items()]


def on_duty(records: "list[dict]") -> "dict[int, str]":
    """Seq of a vote -> the official whom it names, if their duty still ran at that line."""
    duty, official, named = 0, "", {}
    for record in records:
        data = record["data"]
        if record["type"] == "duty.started":
            duty, official = record["seq"], data["official"]
        elif record["type"] == "duty.ended" and data["duty"] == duty:
            duty = 0
        elif record["type"] == "vote" and duty and data["duty"] == duty:
            named[record["seq"]] = official
    return named


def day_faults(lines: "list[Line]") -> "list[str]":
    """Where a kiosk's own `day` record is not what its votes say of that date."""
    faults = []
    counted: dict[str, list[int]] = {}
    records = [json.loads(line) for line in lines]
    for vote, rating in final_votes(records):
        counted.setdefault(local_date(vote["wall_ms"]), [0] * 5)[rating - 1] += 1
    seen: set[str] = set()
    for record in records:
        if record["type"] != "day":
            continue
        date, told = record["data"]["date"], record["data"]["counts"]
        found = [told.get(str(rating), 0) for rating in range(1, 6)]
        place = f"journal {record['journal']} seq {record['seq']}"
        if date in seen:
            faults.append(f"{place}: a second record of {date}")
        if found != counted.get(date, [0] * 5):
            faults.append(f"{place}: says {found} of {date}, its votes say {counted.get(date)}")
        seen.add(date)
    return faults


def local_date(ms: int) -> str:
    """The date in Vietnam at an instant (H. Hinnant, low-level date algorithms)."""
    days = (ms + LOCAL_MS) // DAY_MS + 719_468
    era, of_era = divmod(days, 146_097)
    year_of = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of + year_of // 4 - year_of // 100)
    month_of = (5 * of_year + 2) // 153
    day = of_year - (153 * month_of + 2) // 5 + 1
    month = month_of + 3 if month_of < 10 else month_of - 9
    year = year_of + era * 400 + (month <= 2)
    return f"{year:04d}-{month:02d}-{day:02d}"
