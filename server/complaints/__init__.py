"""What citizens complained of elsewhere: a series of its own, never added to the votes."""
