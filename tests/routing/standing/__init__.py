"""Rights that go before any route."""
