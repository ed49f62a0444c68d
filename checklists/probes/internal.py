"""internal: a count or state that the portal keeps itself."""

from checklists.domain.observation import Observation
from checklists.probes.failures import unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text

ANYTHING = Key(lambda _value: None)


class InternalProbe:
    """A count or state that the portal keeps.

    Facts: ``value`` (or None), ``evidence`` (text for people), and whatever else
    conditions of this ``source`` may name.
    """

    kind = "internal"
    fields = (
        FieldDoc("value", "", "what was counted"),
        FieldDoc("evidence", "", "what it was counted from"),
    )
    keys_of_facts = ("value", "evidence")

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``source``, such as oncall_coverage; the rest belongs to it."""
        rest = dict.fromkeys(spec, ANYTHING)
        return check_keys(spec, {**rest, "source": Key(is_text, is_required=True)})

    def host_of(self, spec: Spec) -> str:  # noqa: ARG002 -- nobody is asked
        """Nobody."""
        return ""

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Hand the facts on; raises ProbeFailed when there is no value."""
        facts = {key: fact for key, fact in context.facts.items() if fact is not None}
        if "value" not in facts:
            raise unknown("no_data", f"{spec['source']} gave no value.")
        return Observation(
            observed_at=context.now,
            fields=facts,
            detail=str(facts.get("evidence", "")),
        )
