"""Signals: what the watch over every counter finds worth asking about, never a finding."""
