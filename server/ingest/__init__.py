"""Journals and the line door: what a kiosk sends is checked, stored, acknowledged."""
