"""tls: is the certificate valid, and for how long."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from checklists.domain.observation import Failure, Observation, Outcome
from checklists.probes.failures import explain
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_host, split_host_port
from opsportal.kit.outbound import look_only_context, tls_context

DEFAULT_PORT = 443
MOST_HOSTS = 50
AT_ONCE = 4
DAY_SECONDS = 86_400


def _check_hosts(value: Any) -> str | None:
    wrong = "This must be a list of at most 50 texts such as shop.example.com:443."
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_HOSTS:
        return wrong
    for text in value:
        try:
            host, port = split_host_port(text, DEFAULT_PORT)
        except (AttributeError, ValueError):
            return wrong
        if is_host(host) or not 0 < port < 65536:
            return wrong
    return None


KEYS = {"hosts": Key(_check_hosts, is_required=True)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one host showed; ``days`` is None when no certificate was seen."""

    host: str
    days: float | None = None
    names: tuple[str, ...] = ()
    failure: Failure | None = None

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Worst first: broken, then not seen, then the fewest days."""
        is_broken = self.failure is not None and self.failure.outcome is Outcome.FAIL
        days = float("inf") if self.days is None else self.days
        return (not is_broken, self.failure is None, days)


class TlsProbe:
    """Shakes hands with each host, verifying chain and name."""

    kind = "tls"
    fields = (
        FieldDoc("cert_days", "d", "until the first of the certificates ends"),
        FieldDoc("valid", "", "whether every chain and host name is valid"),
        FieldDoc("names", "", "the names in the certificate that ends first"),
        FieldDoc("host", "", "whose certificate is the worst"),
        FieldDoc("count", "", "number of hosts looked at"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``hosts``: texts ``host`` or ``host:port``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The first host."""
        hosts = spec.get("hosts") or [""]
        return str(hosts[0]).lower()

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Look at every host; the worst decides."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + context.timeout.total_seconds()
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(host: str) -> _Seen:
            async with gate:
                return await _look(host, context, deadline)

        seen = await asyncio.gather(*(look(host) for host in spec["hosts"]))
        worst = min(seen, key=lambda one: one.rank)
        soonest = min(
            (one for one in seen if one.days is not None),
            key=lambda one: one.days or 0.0,
            default=worst,
        )
        fields: dict[str, object] = {
            "valid": all(one.failure is None for one in seen),
            "host": worst.host,
            "names": list(soonest.names),
            "count": len(seen),
        }
        if soonest.days is not None:
            # Also the number of the look, whatever else its condition asks.
            fields["cert_days"] = fields["value"] = soonest.days
        return Observation(
            observed_at=context.now,
            fields=fields,
            failure=worst.failure,
            detail="; ".join(_describe(one) for one in seen),
        )


def _describe(seen: _Seen) -> str:
    days = "no certificate" if seen.days is None else f"{seen.days:.1f} days"
    return f"{seen.host}: {days}" + (f", {seen.failure.code}" if seen.failure else "")


async def _look(text: str, context: ProbeContext, deadline: float) -> _Seen:
    host, port = split_host_port(text, DEFAULT_PORT)
    try:
        shown = await _handshake(
            host, port, context, deadline, tls_context(context.policy.ca_file)
        )
    except OSError as error:
        failure = explain(error)
        if not isinstance(error, ssl.SSLCertVerificationError):
            return _Seen(text, failure=_named(failure, text))
    else:
        end = ssl.cert_time_to_seconds(shown.getpeercert()["notAfter"])
        names = tuple(str(name[1]) for name in _alternatives(shown.getpeercert()))
        return _Seen(text, (end - context.now.timestamp()) / DAY_SECONDS, names)
    # It was refused, and people want to know what it is and when it ended.
    try:
        shown = await _handshake(host, port, context, deadline, look_only_context())
    except OSError:
        return _Seen(text, failure=_named(failure, text))
    ends_at, names = _read_certificate(shown.getpeercert(binary_form=True))
    days = (ends_at - context.now.astimezone(UTC)).total_seconds() / DAY_SECONDS
    return _Seen(text, days, names, _named(failure, text))


def _named(failure: Failure | None, host: str) -> Failure | None:
    if failure is None:
        return None
    return Failure(failure.outcome, failure.code, f"{host}: {failure.message}")


def _alternatives(certificate: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(certificate.get("subjectAltName", ()))


def _read_certificate(der: bytes) -> tuple[datetime, tuple[str, ...]]:
    certificate = x509.load_der_x509_certificate(der)
    try:
        extension = certificate.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        )
    except x509.ExtensionNotFound:
        return certificate.not_valid_after_utc, ()
    names = x509.SubjectAlternativeName(extension.value)  # type: ignore[arg-type]
    return certificate.not_valid_after_utc, tuple(str(one.value) for one in names)


async def _handshake(
    host: str,
    port: int,
    context: ProbeContext,
    deadline: float,
    tls: ssl.SSLContext,
) -> Any:
    _, writer = await context.guard.open_stream(host, port, deadline=deadline, tls=tls)
    shown = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return shown
