"""The rules that let the big tables be spread over a cluster by unit: as data, and for SQL.

A database such as Citus keeps each unit's rows together on one node. Then every key must hold the
unit, rows never move to another unit, and a statement that names its unit asks one node only.
"""

import re
from collections.abc import Iterator

# Rows grow with votes, kiosks' lines or dossiers: spread by unit.
SPREAD = {
    "ledger_line", "ledger_serverrecord",
    "ingest_journal", "ingest_quarantined",
    "dossiers_dossier", "dossiers_dossierchange", "dossiers_transactions",
    "dossiers_servedchange",
    "votes_vote", "votes_revision", "votes_duty", "votes_notunderstood", "votes_settledboot",
    "votes_understanding", "votes_kioskevent", "votes_kioskday",
    "attribution_attribution", "attribution_attributedjournal", "attribution_counterduty",
    "attribution_changedunit", "attribution_changedday", "attribution_postedduty",
    "attribution_ruling", "attribution_objection",
    "flags_flag", "flags_flaggedunit", "flags_flaggedday", "flags_doubt", "flags_doubtvote",
    "flags_decision", "flags_decidedvote",
    "analytics_tally", "analytics_hourtally", "analytics_proceduretally", "analytics_unitmonth",
    "analytics_officialmonth", "analytics_toldreasons", "analytics_countedunit",
    "analytics_countedday", "analytics_shown", "analytics_block", "analytics_shownvote",
    "complaints_elsewhere", "signals_signal", "signals_watchedunit",
    "inspection_integritystep", "inspection_visit", "inspection_finding", "inspection_measure",
}  # fmt: skip
ELSEWHERE = {
    "votes_votecode": "spread by code, which its key begins with: whoever asks knows no unit",
    "ledger_pending": "waits for the one log, whose integrator has one place; soon empty again",
    "ledger_span": "the one log's order, which is of the whole server",
    "ledger_storedtile": "the one log's tree",
    "ledger_tree": "the one log's size, held by whoever writes",
}
# Copied to every node: thousands of rows, not millions, and seldom written.
REFERENCE = {
    "organisation_": "units, counters, officials, rosters: joined with anything",
    "fleet_": "kiosks and what is chosen for them: by kiosk, tens of thousands",
    "flags_knownholiday": "holidays: few",
    "inspection_savedview": "an inspector's own pages: by account",
    "importing_": "what was imported: read by administrators alone",
    "auth_": "Django's", "django_": "Django's", "web_": "tries at signing in",
    "ledger_signedcheckpoint": "the newest few", "ledger_stop": "seldom any",
    "ledger_audit": "auditors and their reports", "ingest_wrongcode": "a minute's",
    "analytics_rebuilding": "one row at most", "signals_budget": "one row at most",
}  # fmt: skip
# Keys without the unit, or in which another column comes first.
OTHER_KEYS = {
    "journal_by_id": "a request names its journal alone; looked up once, then remembered",
    "journal_by_kiosk": "a kiosk's page; tens of thousands of rows",
    "one_row_a_journal": "a second guard on one machine; on a cluster enrolment asks first",
    "one_journal_a_key": "likewise",
    "day_of_kiosk": "a kiosk's own days, for its page",
}
# Statements over all units, by a part of their text.
OVER_ALL_UNITS = {
    "FROM attribution_changedunit c LEFT JOIN analytics_countedunit": "looks for work",
    "FROM attribution_changedunit c LEFT JOIN flags_flaggedunit": "looks for work",
    "FROM dossiers_servedchange ORDER BY": "looks for work",
    "WHERE a.gen IS NULL OR a.gen < u.gen ORDER BY u.unit, u.journal": "looks for work",
    "WHERE ingest_journal.acked > (ingest_journal.understood)": "looks for work",
    "FROM ingest_journal j JOIN votes_duty d": "looks for duties of journals that are over",
    "FROM analytics_countedunit c LEFT JOIN signals_watchedunit": "looks for work",
    "FROM signals_watchedunit WHERE NOT (": "whether thresholds are still those of the province",
    "AS n FROM analytics_unitmonth WHERE (analytics_unitmonth.first_month": "the busiest month",
    "AS number FROM dossiers_dossierchange ORDER BY": "looks for work",
    "AS acked FROM ingest_journal": "how far all journals are",
    "AS understood FROM ingest_journal": "how far all journals are",
    "AS seq FROM attribution_attributedjournal": "how far all journals are",
}
_WORDS = "where|join|left|inner|cross|on|set|order|group|limit|values|select|using|returning|for|as"
_TABLE = re.compile(
    rf"\b(from|join|update|into)\s+(\w+)(?:\s+(?:as\s+)?(?!(?:{_WORDS})\b)(\w+))?", re.I
)


def find_faults(sql: str) -> Iterator[str]:
    """What is wrong with a statement: one sentence each. Aliases are looked at as if a statement
    had each only once."""
    text = " ".join(sql.replace('"', "").split())
    if re.search(r"\bwith recursive\b", text, re.I):
        yield f"recursive: {text}"
    if any(part in text for part in OVER_ALL_UNITS):
        return
    names = {}
    for how, table, alias in _TABLE.findall(text):
        if table not in SPREAD:
            continue
        if how.lower() == "into":
            if not re.search(rf"into {table} \((?:[^)]*, )?unit\b", text, re.I):
                yield f"writes {table} without a unit: {text}"
        else:
            names[alias or table] = table
    reached = {name for name in names if _is_bound(text, name, alone=len(names) == 1)}
    links = re.findall(r"(\w+)\.unit = \(?(\w+)\.unit\b", text)
    while more := {
        name for pair in links for name in pair if name not in reached and reached & {*pair}
    }:
        reached |= more
    for name in sorted(names.keys() - reached):
        yield f"{names[name]} without a unit: {text}"


def _is_bound(text: str, name: str, *, alone: bool) -> bool:
    """Whether the statement says of which units the rows of this table are."""
    of = rf"(?:{name}\.)?" if alone else rf"{name}\."
    every = r"SELECT \w+\.code AS code FROM organisation_unit\b"  # which each node has
    said = rf"(?: = (?:%s|\?|w\.column\d)| IN \((?:%s|\?|{every}))"
    several = rf"\({of}unit, [^)]*\) (?:= \(%s|IN \(VALUES|IN \(\(%s)"
    return bool(re.search(rf"(?<![\w.]){of}unit{said}|{several}", text, re.I))
