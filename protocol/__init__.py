"""What travels: every byte between kiosk, server and auditor. Knows nothing of ours."""
