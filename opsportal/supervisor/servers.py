"""Whether the servers that the settings name answer: one sentence each when not."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from opsportal.supervisor.place import CannotStartError

_PATIENCE = 5.0


def require_database() -> None:
    """Raise CannotStartError unless the database opens."""
    try:
        connection.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        raise CannotStartError(
            f"The database {_where()} does not open ({_why(error)}): start it or mend "
            "DATABASE_URL, then run this again."
        ) from None


def doubt_broker() -> str:
    """Return a sentence when the broker does not answer, "" when it does.

    The portal runs without one, and its sweeps begin when it is there.
    """
    import redis  # noqa: PLC0415 -- slow import

    options = {"socket_connect_timeout": _PATIENCE, "socket_timeout": _PATIENCE}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as broker:
            broker.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return (
            f"REDIS_URL does not answer ({_why(error)}): pages work, but checks, "
            "reminders and messages wait for it. Start it or mend REDIS_URL."
        )
    return ""


def _where() -> str:
    at = connection.settings_dict
    if not at["HOST"]:
        return str(at["NAME"])
    return f"{at['NAME']} at {at['HOST']}:{at['PORT'] or 5432}"


def _why(error: Exception) -> str:
    """Return the end of the first line, which is where drivers say what it was."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition(" failed: ")[2].strip().rstrip(".")
