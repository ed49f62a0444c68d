"""What every page's frame needs."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, viewer and warnings."""
    return {"now": getattr(request, "now", None)}
