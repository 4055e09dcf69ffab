"""What an inspector takes away: entries, proofs and tallies of a period and some units."""
