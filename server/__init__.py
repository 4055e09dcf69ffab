"""The record: one Django project, one app per stage of a vote's life."""
