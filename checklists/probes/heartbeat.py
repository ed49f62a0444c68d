"""heartbeat: when did the watched job last report to us."""

from collections.abc import Mapping
from datetime import UTC, datetime

from checklists.domain.observation import Failure, Observation, Outcome
from checklists.probes.failures import unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text


class HeartbeatProbe:
    """When did the watched job last report.

    Facts: ``last_success_at`` and ``last_fail_at`` (aware, or None), ``exit_code``
    (or None), ``report`` (numbers and texts that the job sent along).
    """

    kind = "heartbeat"
    fields = (
        FieldDoc("age", "s", "since the last report of success"),
        FieldDoc("failed", "", "whether the last report was one of failure"),
        FieldDoc("exit_code", "", "the exit code in the last report"),
        FieldDoc("json", "", 'what the job sent along, as in json("$.rows")'),
    )
    keys_of_facts = ("last_success_at", "last_fail_at", "exit_code", "report")

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """May have ``job``: the name of the report meant."""
        return check_keys(spec, {"job": Key(is_text)})

    def host_of(self, spec: Spec) -> str:  # noqa: ARG002 -- nobody is asked
        """Nobody."""
        return ""

    async def observe(
        self,
        spec: Spec,  # noqa: ARG002 -- the facts are already those of the spec
        context: ProbeContext,
    ) -> Observation:
        """Read the facts; raises ProbeFailed when there was no report ever."""
        facts = context.facts
        succeeded_at: datetime | None = facts.get("last_success_at")
        failed_at: datetime | None = facts.get("last_fail_at")
        if succeeded_at is None and failed_at is None:
            raise unknown("no_data", "The job has not reported yet.")
        has_failed = failed_at is not None and (
            succeeded_at is None or failed_at > succeeded_at
        )
        fields: dict[str, object] = {"failed": has_failed}
        if succeeded_at is not None:
            fields["age"] = (context.now - succeeded_at).total_seconds()
        if facts.get("exit_code") is not None:
            fields["exit_code"] = facts["exit_code"]
        if facts.get("report") is not None:
            fields["json"] = facts["report"]
        return Observation(
            observed_at=context.now,
            fields=fields,
            failure=_reported_failure(facts) if has_failed else None,
            detail=_describe(succeeded_at, failed_at),
        )


def _reported_failure(facts: Mapping[str, object]) -> Failure:
    code = facts.get("exit_code")
    told = "" if code is None else f" (exit code {code})"
    return Failure(Outcome.FAIL, "reported_failure", f"The job reported failure{told}.")


def _describe(succeeded_at: datetime | None, failed_at: datetime | None) -> str:
    told = [
        f"{word} {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        for word, moment in (("success", succeeded_at), ("failure", failed_at))
        if moment is not None
    ]
    return ", ".join(told)
