"""The demo province: invented, marked as sample, bound to loopback."""
