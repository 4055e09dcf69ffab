"""Files that people bring: read, checked row by row, applied whole or not at all, undone."""
