"""tcp: can a connection be made."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from checklists.domain.observation import Observation
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_host, is_port

KEYS = {
    "host": Key(is_host, is_required=True),
    "port": Key(is_port, is_required=True),
}


class TcpProbe:
    """Connects and closes."""

    kind = "tcp"
    fields = (FieldDoc("latency", "s", "from the name to the connection"),)
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``host`` and ``port``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The host."""
        return str(spec.get("host", "")).lower()

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Connect once; raises OSError when no connection can be made."""
        deadline = asyncio.get_running_loop().time() + context.timeout.total_seconds()
        started = time.perf_counter()
        _, writer = await context.guard.open_stream(
            spec["host"], spec["port"], deadline=deadline
        )
        latency = timedelta(seconds=time.perf_counter() - started)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return Observation(
            observed_at=context.now,
            fields={"latency": latency.total_seconds()},
            latency=latency,
            detail=f"connected in {latency.total_seconds() * 1000:.0f} ms",
        )
