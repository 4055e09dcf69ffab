"""What inspectors do about what they see: answers to integrity votes, visits, saved views."""
