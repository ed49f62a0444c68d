"""What runbooks tell internal checks: whether somebody read them of late."""

from checklists.queries.facts import SOURCES
from runbooks.queries.review_facts import read_reviews


def register_source() -> None:
    """Add it; called once, when the apps are ready."""
    SOURCES["runbooks_reviewed"] = read_reviews
