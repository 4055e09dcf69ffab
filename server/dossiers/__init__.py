"""Dossiers from the electronic one-stop software, and how many transactions a counter had."""
