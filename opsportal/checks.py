"""System checks of the whole portal: opsportal.E... and opsportal.W..."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import URLPattern, URLResolver, get_resolver

OUR_ROOTS = ("opsportal.", "oncall.", "incidents.", "checklists.", "runbooks.")
_NOT_A_SERVER = ("console", "dummy", "locmem")


@register(Tags.security)
def check_views_declare(**_options: Any) -> list[CheckMessage]:
    """Refuse to start with a view of ours that does not say what it is for."""
    return list(find_undeclared(get_resolver().url_patterns))


def find_undeclared(
    patterns: Iterable[URLPattern | URLResolver],
) -> Iterator[CheckMessage]:
    """Yield opsportal.E003 for each view of ours without `oncall.access.declares`."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from find_undeclared(each.url_patterns)
            continue
        view: Any = each.callback
        if _is_ours(view) and not hasattr(view, "action"):
            yield Error(
                f"The view {view.__module__}.{view.__qualname__} declares no action.",
                hint="Decorate it with oncall.access.declares.",
                id="opsportal.E003",
            )


def _is_ours(view: Any) -> bool:
    # The admin site guards its own views.
    module: str = view.__module__
    return module.startswith(OUR_ROOTS) and ".admin" not in module


@register(Tags.security, deploy=True)
def check_mail_leaves(**_options: Any) -> list[CheckMessage]:
    """Warn when reminders by email would reach nobody."""
    if not any(word in settings.EMAIL_BACKEND for word in _NOT_A_SERVER):
        return []
    return [
        Warning(
            "No mail server is set: reminders by email reach nobody.",
            hint="Set EMAIL_URL, such as smtp://user:password@mail.example.org:587.",
            id="opsportal.W001",
        )
    ]
