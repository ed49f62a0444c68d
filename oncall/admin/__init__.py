"""Everything of oncall in the Django admin.

What is append-only is only shown; what has rules is saved through the services, so
that validation, audit and the tellers of change hold here as well.
"""

from oncall.admin import (
    delivery,
    exchange,
    handoffs,
    people,
    policies,
    schedules,
    stipends,
)

__all__ = [
    "delivery",
    "exchange",
    "handoffs",
    "people",
    "policies",
    "schedules",
    "stipends",
]
