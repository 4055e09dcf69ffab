"""The unit at the counter: ask, keep, send; never computes a score."""
