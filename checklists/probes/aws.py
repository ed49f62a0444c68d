"""What the kinds that ask AWS share: entries of a spec, and requests that are signed.

botocore, which comes with boto3, signs the request and does nothing else: its own
transport would look names up by itself and follow what the egress policy forbids.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any

from yarl import URL

from checklists.probes.failures import ProbeFailed, unknown
from checklists.probes.protocol import ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text, is_url
from opsportal.kit.outbound import Ask
from opsportal.kit.outbound.secrets import REFERENCE

MISSING = "This kind needs the package boto3; an operator installs it."
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+){1,3}-\d{1,2}")
_REFUSALS = (
    "AccessDenied", "Expired", "InvalidClientTokenId", "InvalidSignature",
    "IncompleteSignature", "MissingAuthentication", "OptInRequired",
    "SignatureDoesNotMatch", "UnrecognizedClient", "NotAuthorized",
    "InvalidAccessKeyId", "InvalidToken", "AllAccessDisabled",
)  # fmt: skip


def _is_region(value: Any) -> str | None:
    is_one = isinstance(value, str) and _REGION.fullmatch(value)
    return None if is_one else "This must be a region such as eu-west-1."


def _is_secret(value: Any) -> str | None:
    if isinstance(value, str) and REFERENCE.fullmatch(value):
        return None
    return "Name a secret of the team, as {{secret:name}}."


AWS_KEYS = {
    "region": Key(_is_region, is_required=True),
    "endpoint": Key(is_url),
    "access_key": Key(is_text, is_required=True),
    "secret_key": Key(_is_secret, is_required=True),
    "session_token": Key(_is_secret),
}


def find_faults(spec: Spec, keys: Mapping[str, Key]) -> list[SpecError]:
    """Everything wrong with a spec, and that boto3 is missing where it is."""
    missing = [] if find_spec("botocore") else [SpecError("", MISSING)]
    return [*missing, *check_keys(spec, keys)]


def endpoint_of(spec: Spec, service: str) -> str:
    """Return where a service of the region is asked, or what the spec says."""
    region = spec.get("region", "")
    # China's regions live below a domain of their own.
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    own = spec.get("endpoint") or f"https://{service}.{region}.{domain}"
    return f"{own.rstrip('/')}/"


def sign(ask: Ask, service: str, spec: Spec, context: ProbeContext) -> Ask:
    """Return the request with its signature; raises SecretRefused.

    It follows no redirect: that would carry the signature along.
    """
    # Optional, and slow to import: only who has such a check pays for it.
    from botocore.auth import S3SigV4Auth, SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    host = URL(ask.url).host or ""
    access, secret, session = (
        context.secrets.fill(spec.get(name) or "", host=host)
        for name in ("access_key", "secret_key", "session_token")
    )
    request = AWSRequest(ask.method, ask.url, headers=dict(ask.headers), data=ask.body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    credentials = Credentials(access, secret, session or None)
    signer(credentials, service, spec["region"]).add_auth(request)
    return replace(ask, headers=dict(request.headers), follow=False)


def refuse(service: str, kind: str, told: str, status: int) -> ProbeFailed:
    """Return what an error of AWS says about us: nothing of what is watched."""
    if any(word in kind for word in _REFUSALS):
        return unknown("access_denied", f"AWS did not let us in ({kind}): {told}")
    if (
        "Throttl" in kind
        or kind == "SlowDown"
        or status == HTTPStatus.TOO_MANY_REQUESTS
    ):
        return unknown("throttled", f"AWS asks for fewer questions ({kind}).")
    return unknown("query_error", f"{service} refused ({kind}): {told}")
