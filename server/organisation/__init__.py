"""Units, counters, officials and staff accounts; access.py decides who may see what."""
