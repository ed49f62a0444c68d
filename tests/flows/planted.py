"""Fifty secrets, sent to somebody who echoes all of them."""

from contextlib import contextmanager

from tests.factories.checklists import CheckFactory
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import SecretFactory, ServiceFactory
from tests.targets import Reply, WebTarget

PLANTED = [f"planted-{number:02}-hush" for number in range(50)]
KINDS = (
    ("http", 'json("$.echo") == "fine"'),
    ("http", 'body matches "fine"'),
    ("json", "value < 3"),
    ("prometheus", "value < 3"),
    ("metrics", "value < 3"),
)


@contextmanager
def planted_checks(settings):
    """Give checks of five kinds, and the site to which they send the secrets."""
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    site = WebTarget()
    echo = f'{{"echo": "{" ".join(PLANTED)}", "error": "{PLANTED[0]}"}}'
    for path in ("/", "/api/v1/query"):
        site.routes[path] = Reply(200, echo.encode())
    service = ServiceFactory()
    SeverityLevelFactory(service=service, label="Major", level=2)
    for number, value in enumerate(PLANTED):
        SecretFactory(
            team=service.team, name=f"s{number}", value=value, hosts=["127.0.0.1"]
        )
    headers = {f"X-{n}": f"Bearer {{{{secret:s{n}}}}}" for n in range(50)}
    made = []
    for kind, condition in KINDS:
        spec = {"url": f"{site.url}/", "headers": headers}
        more = {"json": {"path": "$.echo"}, "prometheus": {"query": "lag"}}
        more["metrics"] = {"metric": "lag"}
        made.append(
            CheckFactory(
                service=service,
                kind=kind,
                spec=spec | more.get(kind, {}),
                condition=condition,
                fail_after=1,
                ladder=[{"severity": "Major", "condition": f"not ({condition})"}],
            )
        )
    try:
        yield site, made
    finally:
        site.close()
