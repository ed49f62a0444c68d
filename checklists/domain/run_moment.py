"""The moments of a run that programs hear of."""

from enum import StrEnum


class Moment(StrEnum):
    """What webhooks hear of a run.

    Late is past its due time with something to do; missed is past its grace.
    """

    OPENED = "opened"
    LATE = "late"
    COMPLETED = "completed"
    MISSED = "missed"
