"""A server's tables in one file that either database takes; its keys in another."""
