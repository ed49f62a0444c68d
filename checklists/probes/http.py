"""http: ask a URL; the condition judges status, time and content."""

from contextlib import suppress

from checklists.domain.observation import Observation
from checklists.probes.documents import NotJSON, read_json
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import check_keys
from checklists.probes.web import (
    ASKING_KEYS,
    build_ask,
    describe,
    get_page,
    host_of_url,
    missing_text,
    web_fields,
)

WEB_FIELDS = (
    FieldDoc("status", "", "the number the server answered with, such as 200"),
    FieldDoc("latency", "s", "from the name to the last byte, redirects included"),
    FieldDoc("size", "B", "length of the body, at most 256 KiB of it"),
)


class HttpProbe:
    """One request, up to three redirects."""

    kind = "http"
    fields = (
        *WEB_FIELDS,
        FieldDoc("body", "", "the body as text"),
        FieldDoc("json", "", 'the body as JSON, reached into by json("$.status")'),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``url``; may have method, headers, body, follow, contains."""
        return check_keys(spec, ASKING_KEYS)

    def host_of(self, spec: Spec) -> str:
        """The host of the URL."""
        return host_of_url(spec)

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; no status is a failure here, a missing ``contains`` is."""
        page = await get_page(build_ask(spec, context), context)
        fields = web_fields(page)
        text = context.secrets.redact(page.text)
        fields["body"] = text
        if text.lstrip()[:1] in {"{", "["} and not page.is_cut:
            # It may only look like it; then a condition will not find the field.
            with suppress(NotJSON):
                fields["json"] = read_json(text)
        return Observation(
            observed_at=context.now,
            fields=fields,
            latency=page.latency,
            failure=missing_text(spec, text),
            detail=describe(page),
        )
