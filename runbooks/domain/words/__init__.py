"""The words that a runbook is read by: tables, not branches."""
