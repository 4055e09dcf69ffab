"""What runs in the guest, as root, on its own kernel."""
