"""Kiosks, where they stand, their enrolment codes and their configuration."""
