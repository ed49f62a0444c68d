"""Read a team's Markdown runbook and propose what the portal can live by."""
