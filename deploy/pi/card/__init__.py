"""Runs on the unit at each start, as root, on the system's Python: hailong.toml and its code."""
