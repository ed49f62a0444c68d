"""What a probe is: one file a kind, told what to look at, says what it saw."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from checklists.domain.observation import Observation
from opsportal.kit.outbound import EgressPolicy, Guard, SecretBook

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")

Spec = Mapping[str, Any]


class RunInThread(Protocol):
    """Runs a blocking call in one of a few threads."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]:
        """Await what the call returns or raises."""
        ...


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """Something a condition may name. ``unit`` is as conditions write it, or ""."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SpecError:
    """What is wrong with one entry of a spec; ``field`` "" means the whole."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What one look needs besides its spec.

    ``now`` is when the look starts, ``timeout`` how long it may take in all.
    ``facts`` is what the portal knows itself (last ping, a count, a data source),
    read before anything is sent.
    """

    now: datetime
    timeout: timedelta
    session: "aiohttp.ClientSession"
    guard: Guard
    secrets: SecretBook
    run_in_thread: RunInThread
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def policy(self) -> EgressPolicy:
        """What may be reached."""
        return self.guard.policy


class Probe(Protocol):
    """One kind of check.

    Errors that the network raises may leave `observe`: the engine knows how to read
    them.
    """

    @property
    def kind(self) -> str:
        """The word a check names this kind by."""
        ...

    @property
    def fields(self) -> tuple[FieldDoc, ...]:
        """What conditions may name."""
        ...

    @property
    def keys_of_facts(self) -> tuple[str, ...]:
        """What it needs to be told; empty for kinds that ask the network."""
        ...

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Everything wrong with a spec; empty when it can be used."""
        ...

    def host_of(self, spec: Spec) -> str:
        """Whom it burdens: at most a few looks at one host at a time."""
        ...

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Look once. ``spec`` has passed `check_spec`."""
        ...
