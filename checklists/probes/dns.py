"""dns: what records does a name have."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_address, is_host, is_port, one_of

if TYPE_CHECKING:
    import dns.asyncresolver

KEYS = {
    "name": Key(is_host, is_required=True),
    "type": Key(one_of("A", "AAAA", "CNAME", "MX", "NS", "TXT")),
    "server": Key(is_address),
    "port": Key(is_port),
}


class DnsProbe:
    """Asks the system's name servers, or one that the spec names."""

    kind = "dns"
    fields = (
        FieldDoc("value", "", "the first record as text, in order of the alphabet"),
        FieldDoc("values", "", "all records as texts"),
        FieldDoc("count", "", "number of records"),
        FieldDoc("ttl", "s", "how long the answer may be kept"),
        FieldDoc("latency", "s", "how long the answer took"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``name``; may have type, server (an address) and port."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The name server."""
        return str(spec.get("server") or "resolver")

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; raises ProbeFailed when there is no such record or answer."""
        import dns.exception  # noqa: PLC0415 -- slow import
        import dns.resolver  # noqa: PLC0415 -- slow import

        started = time.perf_counter()
        kind = spec.get("type") or "A"
        try:
            answer = await _resolver(spec, context).resolve(
                spec["name"], kind, lifetime=context.timeout.total_seconds()
            )
        except dns.resolver.NXDOMAIN:
            raise failed("name_not_found", "The name does not exist.") from None
        except dns.resolver.NoAnswer:
            raise failed("no_record", f"The name has no {kind} record.") from None
        except (dns.exception.DNSException, ValueError):
            raise unknown("resolver", "The name server gave no answer.") from None
        latency = timedelta(seconds=time.perf_counter() - started)
        records = sorted(record.to_text() for record in answer)
        return Observation(
            observed_at=context.now,
            fields={
                "value": records[0],
                "values": records,
                "count": len(records),
                "ttl": answer.rrset.ttl if answer.rrset else 0,
                "latency": latency.total_seconds(),
            },
            latency=latency,
            detail=", ".join(records),
        )


def _resolver(spec: Spec, context: ProbeContext) -> "dns.asyncresolver.Resolver":
    import dns.asyncresolver  # noqa: PLC0415 -- slow import

    server = spec.get("server")
    if not server:
        return dns.asyncresolver.get_default_resolver()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.port = spec.get("port") or 53
    resolver.nameservers = list(context.guard.allowed([server], resolver.port))
    return resolver
