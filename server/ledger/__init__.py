"""Accepted lines byte for byte, stored once, and the server's deeds. Knows codes, never names."""
