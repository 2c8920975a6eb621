"""What partners and channel managers are told, by mail and webhooks."""
