"""The roof's own pages: Today, services, and what machines ask."""
