"""Errors that carry the decision: which field, what is wrong, what to do."""


class PortalError(Exception):
    """A refusal that a person can act on.

    ``code`` is a stable word, ``message`` one sentence with the remedy,
    ``field`` the input it belongs to, or "" for the whole.
    """

    status = 400

    def __init__(self, message: str, *, code: str = "invalid", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Refused(PortalError):  # noqa: N818 -- reads as what happened
    """Not allowed in the present state; the message says what is."""

    status = 409


class Conflict(Refused):
    """Somebody else was faster; ``current`` is what they left."""

    def __init__(self, message: str, *, current: object) -> None:
        super().__init__(message, code="conflict")
        self.current = current
