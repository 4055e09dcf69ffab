"""What `deploy/pi/install` does: plans steps, shows them, takes them."""
