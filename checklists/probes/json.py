"""json: ask a URL that must answer with JSON, and take one value out of it."""

from checklists.domain.observation import Observation
from checklists.probes.documents import NotJSON, check_path, pick, read_json
from checklists.probes.failures import failed, unknown
from checklists.probes.http import WEB_FIELDS
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys
from checklists.probes.web import (
    ASKING_KEYS,
    build_ask,
    describe,
    get_page,
    host_of_url,
    missing_text,
    refuse_denied,
    web_fields,
)
from opsportal.kit.outbound import Page

KEYS = {**ASKING_KEYS, "path": Key(check_path)}


class JsonProbe:
    """Like http, but an answer that is not JSON cannot be judged."""

    kind = "json"
    fields = (
        *WEB_FIELDS,
        FieldDoc("json", "", 'the document, reached into by json("$.status")'),
        FieldDoc("value", "", "what lies at the path of the check"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``url``; may have what http has, and ``path``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The host of the URL."""
        return host_of_url(spec)

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; raises ProbeFailed when there is no JSON to judge."""
        page = await get_page(build_ask(spec, context), context)
        refuse_denied(page)
        text = context.secrets.redact(page.text)
        document = _read(page, text)
        fields = {**web_fields(page), "json": document, "value": document}
        if path := spec.get("path"):
            try:
                fields["value"] = pick(document, path)
            except LookupError:
                raise unknown("no_data", f"There is nothing at {path}.") from None
        return Observation(
            observed_at=context.now,
            fields=fields,
            latency=page.latency,
            failure=missing_text(spec, text),
            detail=describe(page),
        )


def _read(page: Page, text: str) -> object:
    if page.is_cut:
        raise unknown("too_large", "The answer is larger than 256 KiB.")
    try:
        return read_json(text)
    except NotJSON as error:
        if page.status >= 400:
            raise failed(
                "http_status", f"The server answered {page.status} without JSON."
            ) from None
        raise unknown("parse_error", str(error)) from None
