"""A Raspberry Pi becomes a kiosk."""
