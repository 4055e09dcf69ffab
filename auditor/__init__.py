"""The outsider: checks what others claim, with protocol alone."""
