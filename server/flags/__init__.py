"""Doubts about votes' honesty: flags by rule, and decisions by two people. Nothing is deleted."""
