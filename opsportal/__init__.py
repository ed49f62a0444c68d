"""The roof of the portal."""
