"""Commands of the runbooks app."""
