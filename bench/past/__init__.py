"""A province's past of any length: made up, written, counted, read and corrected."""
