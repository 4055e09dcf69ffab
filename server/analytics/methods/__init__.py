"""Pure statistics: numbers in, numbers out; no tables, no Django."""
