"""Whom a vote is about, on what basis, or why nobody."""
