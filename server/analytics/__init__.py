"""Tallies and the figures that may be shown."""
