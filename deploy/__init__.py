"""Setting machines up."""
