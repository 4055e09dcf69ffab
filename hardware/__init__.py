"""Buttons and lights: gpiozero and nothing of ours; usable from a shell without Kivy."""
