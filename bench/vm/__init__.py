"""Virtual machines: a real Linux kernel in an emulated PC, with the program that kiosks run."""
