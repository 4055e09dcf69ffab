"""Pure statistics: numbers in, numbers out; no tables, no Django, no clock (docs/statistics.md)."""
