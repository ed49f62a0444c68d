"""redis: PING, one entry of INFO, or the length of a list.

A client of our own, because the usual one looks names up again by itself.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import hiredis

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import (
    Key,
    between,
    check_keys,
    is_host,
    is_port,
    is_text,
    is_truth,
    one_of,
)
from opsportal.kit.outbound import tls_context

DEFAULT_PORT = 6379
MOST_BYTES = 256 * 1024
KEYS = {
    "host": Key(is_host, is_required=True),
    "port": Key(is_port),
    "tls": Key(is_truth),
    "db": Key(between(0, 1023)),
    "username": Key(is_text),
    "password": Key(is_text),
    "command": Key(one_of("ping", "info", "llen")),
    "field": Key(is_text),
    "key": Key(is_text),
    "repeat": Key(between(1, 20)),
}
NEEDED = {"info": "field", "llen": "key"}


class RedisProbe:
    """PINGs once or up to 20 times, then asks what the check names."""

    kind = "redis"
    fields = (
        FieldDoc("value", "", "the answer: PONG, the entry of INFO, the length"),
        FieldDoc("latency", "s", "95th percentile of the PING round trips"),
        FieldDoc("hits", "", "lookups that found a key, since the server started"),
        FieldDoc("misses", "", "lookups that found none"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``host``; info needs ``field``, llen needs ``key``."""
        errors = check_keys(spec, KEYS)
        needed = NEEDED.get(str(spec.get("command")))
        if needed and not spec.get(needed):
            errors.append(SpecError(needed, "This is needed."))
        return errors

    def host_of(self, spec: Spec) -> str:
        """The host."""
        return str(spec.get("host", "")).lower()

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; raises ProbeFailed when the server refuses."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + context.timeout.total_seconds()
        reader, writer = await context.guard.open_stream(
            spec["host"],
            spec.get("port") or DEFAULT_PORT,
            deadline=deadline,
            tls=tls_context(context.policy.ca_file) if spec.get("tls") else None,
        )
        try:
            async with asyncio.timeout_at(deadline):
                talk = _Talk(reader, writer)
                await _sign_in(talk, spec, context)
                trips = [await _ping(talk) for _ in range(spec.get("repeat") or 1)]
                fields = await _ask(talk, spec)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        latency = sorted(trips)[max(0, -(-len(trips) * 95 // 100) - 1)]
        return Observation(
            observed_at=context.now,
            fields={**fields, "latency": latency},
            latency=timedelta(seconds=latency),
            detail=f"{fields['value']}, {latency * 1000:.2f} ms",
        )


class _Talk:
    """Commands and answers on one connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._parser = hiredis.Reader(encoding="utf-8", errors="replace")

    async def ask(self, *words: str) -> Any:
        """One answer; raises ProbeFailed for an error or a flood."""
        self._writer.write(
            hiredis.pack_command(words)  # type: ignore[arg-type]
        )
        read = 0
        try:
            while (answer := self._parser.gets()) is False:
                chunk = await self._reader.read(65_536)
                read += len(chunk)
                if not chunk:
                    raise failed("connection_closed", "The connection was closed.")
                if read > MOST_BYTES:
                    raise unknown("too_large", "The answer is larger than 256 KiB.")
                self._parser.feed(chunk)
        except hiredis.ProtocolError:
            raise failed("bad_answer", "This is not a Redis.") from None
        if isinstance(answer, hiredis.ReplyError):
            raise _refusal(str(answer))
        return answer


def _refusal(told: str) -> Exception:
    code = told.partition(" ")[0]
    if code in {"NOAUTH", "WRONGPASS", "NOPERM"} or "AUTH" in told:
        return unknown("access_denied", "The server did not let us in.")
    if code in {"LOADING", "MASTERDOWN", "MISCONF", "CLUSTERDOWN"}:
        return failed("not_ready", f"The server takes no commands: {told[:200]}")
    return unknown("query_error", f"The server refused: {told[:200]}")


async def _sign_in(talk: _Talk, spec: Spec, context: ProbeContext) -> None:
    if password := spec.get("password"):
        filled = context.secrets.fill(password, host=spec["host"])
        user = [spec["username"]] if spec.get("username") else []
        await talk.ask("AUTH", *user, filled)
    if spec.get("db"):
        await talk.ask("SELECT", str(spec["db"]))


async def _ping(talk: _Talk) -> float:
    started = time.perf_counter()
    if await talk.ask("PING") != "PONG":
        raise failed("bad_answer", "The server does not answer PING with PONG.")
    return time.perf_counter() - started


async def _ask(talk: _Talk, spec: Spec) -> dict[str, object]:
    command = spec.get("command") or "ping"
    if command == "llen":
        return {"value": int(await talk.ask("LLEN", spec["key"]))}
    if command == "ping":
        return {"value": "PONG"}
    info = read_info(await talk.ask("INFO", "everything"))
    if spec["field"] not in info:
        raise unknown("no_data", f"INFO has no {spec['field']}.")
    fields: dict[str, object] = {"value": info[spec["field"]]}
    if "keyspace_hits" in info and "keyspace_misses" in info:
        fields["hits"] = info["keyspace_hits"]
        fields["misses"] = info["keyspace_misses"]
    return fields


def read_info(text: str) -> Mapping[str, float | str]:
    """Read an INFO answer; numbers become numbers."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: _number(value) for name, _, value in pairs}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
