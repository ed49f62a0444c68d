"""The only door to the network: what may be reached, and how it is reached.

Probes use `Guard`, `open_session` and `fetch` inside one loop; transports and one-off
calls use `post`. Both resolve a name once, judge every address against the policy, and
connect to the address they judged.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opsportal.kit.outbound.client import Answer, OutboundError, post
    from opsportal.kit.outbound.loading import policy_from_settings
    from opsportal.kit.outbound.policy import (
        Allowed,
        Denied,
        EgressDenied,
        EgressPolicy,
        parse_allow_list,
    )
    from opsportal.kit.outbound.resolver import LookupTimeout, Resolver, shared_resolver
    from opsportal.kit.outbound.secrets import (
        BoundSecret,
        SecretBook,
        SecretRefused,
        secret_names,
    )
    from opsportal.kit.outbound.session import PinnedResolver, open_session
    from opsportal.kit.outbound.sockets import Guard
    from opsportal.kit.outbound.threads import DaemonPool, join
    from opsportal.kit.outbound.tls import look_only_context, tls_context
    from opsportal.kit.outbound.web import (
        Ask,
        Page,
        TooManyRedirects,
        fetch,
    )

# What asks the network is imported when it is needed: most processes never do.
_HOMES = {
    **dict.fromkeys(("Answer", "OutboundError", "post"), "client"),
    **dict.fromkeys(("policy_from_settings",), "loading"),
    **dict.fromkeys(
        ("Allowed", "Denied", "EgressDenied", "EgressPolicy", "parse_allow_list"),
        "policy",
    ),
    **dict.fromkeys(("LookupTimeout", "Resolver", "shared_resolver"), "resolver"),
    **dict.fromkeys(
        ("BoundSecret", "SecretBook", "SecretRefused", "secret_names"), "secrets"
    ),
    **dict.fromkeys(("Guard",), "sockets"),
    **dict.fromkeys(("DaemonPool", "join"), "threads"),
    **dict.fromkeys(("look_only_context", "tls_context"), "tls"),
    **dict.fromkeys(("PinnedResolver", "open_session"), "session"),
    **dict.fromkeys(("Ask", "Page", "TooManyRedirects", "fetch"), "web"),
}

__all__ = [
    "Allowed",
    "Answer",
    "Ask",
    "BoundSecret",
    "DaemonPool",
    "Denied",
    "EgressDenied",
    "EgressPolicy",
    "Guard",
    "LookupTimeout",
    "OutboundError",
    "Page",
    "PinnedResolver",
    "Resolver",
    "SecretBook",
    "SecretRefused",
    "TooManyRedirects",
    "fetch",
    "join",
    "look_only_context",
    "open_session",
    "parse_allow_list",
    "policy_from_settings",
    "post",
    "secret_names",
    "shared_resolver",
    "tls_context",
]


def __getattr__(name: str) -> Any:
    """Import the module where ``name`` is at home; raise AttributeError for no such."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
