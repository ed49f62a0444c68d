"""The input of an item for each kind of answer, as HTML; see `item_drawing`."""

from collections.abc import Mapping, Sequence
from html import escape

from django.utils.formats import localize
from django.utils.safestring import SafeString

from checklists.queries.run_items import ItemLine

FILES = frozenset({"file", "photo"})
DASH = "\N{EN DASH}"
_LABELS = {"number": "Number", "file": "File", "photo": "Photo", "link": "Link"}
_PICTURES = ' accept="image/png,image/jpeg,image/gif,image/webp" capture="environment"'
# A choice between more of them is a list that opens.
_MOST_BUTTONS = 7


def draw_input(line: ItemLine, typed: Mapping[str, str]) -> str:
    """Return the input of an item with its button beside it; ``typed`` is in it."""
    if line.kind == "choice":
        choice = draw_choice(line.pk, line.options, typed.get("value", ""))
        return f'{choice}<div class="actions">{_draw_button("Save", "pri small")}</div>'
    unit = f" in {escape(str(line.bounds['unit']))}" if line.bounds.get("unit") else ""
    label = f"{_LABELS.get(line.kind, 'Answer')}{unit}"
    return (
        f'<div class="field"><label for="answer-{line.pk}">{label}</label>'
        f'<div class="beside">{_draw_field(line, typed)}'
        f"{_draw_button('Upload' if line.kind in FILES else 'Save', 'pri')}</div>"
        f"{_draw_help(line)}</div>"
    )


def _draw_button(label: str, css: str) -> str:
    return f'<button type="submit" class="btn {css}">{label}</button>'


def _draw_field(line: ItemLine, typed: Mapping[str, str]) -> str:
    own = f'id="answer-{line.pk}" data-key="x" required'
    helped = f'aria-describedby="answer-{line.pk}-help"'
    value = escape(typed.get("value", ""))
    if line.kind == "number":
        number = escape(typed.get("number", ""))
        kind = f'type="text" inputmode="decimal" name="number" value="{number}"'
        return f"<input {kind} {own} {helped}>"
    if line.kind in FILES:
        pictures = _PICTURES if line.kind == "photo" else ""
        return f'<input type="file" name="file" {own}{pictures} {helped}>'
    if line.kind == "link":
        kind = f'type="url" name="value" value="{value}" placeholder="https://"'
        return f"<input {kind} {own}>"
    return f'<textarea name="value" rows="2" {own}>{value}</textarea>'


def _draw_help(line: ItemLine) -> str:
    if line.kind == "number":
        words = _say_bounds(line.bounds)
    elif line.kind == "photo":
        words = "PNG, JPEG, GIF or WebP, at most 10 MB."
    elif line.kind == "file":
        words = "A picture, PDF, text or archive, at most 10 MB."
    else:
        return ""
    return f'<p class="help" id="answer-{line.pk}-help">{words}</p>'


def _say_bounds(bounds: Mapping[str, object]) -> str:
    said = []
    if allowed := _say_range(bounds, "hard"):
        said.append(f"Allowed: {allowed}.")
    if expected := _say_range(bounds, "warn"):
        said.append(f"Expected: {expected}; outside add a note.")
    return " ".join(said)


def _say_range(bounds: Mapping[str, object], kind: str) -> str:
    ends = [bounds.get(f"{kind}_{end}") for end in ("min", "max")]
    if ends == [None, None]:
        return ""
    least, most = ("any" if end is None else escape(str(localize(end))) for end in ends)
    return f"{least} to {most}"


def draw_choice(
    pk: int, options: Sequence[str], answer: str, *, is_wanted: bool = False
) -> SafeString:
    """Return the choice of one option; ``is_wanted`` gives it the focus."""
    draw = _draw_list if len(options) > _MOST_BUTTONS else _draw_buttons
    wanted = " autofocus" if is_wanted else ""
    return SafeString(f'<div class="field">{draw(pk, options, answer, wanted)}</div>')


def _draw_list(pk: int, options: Sequence[str], answer: str, wanted: str) -> str:
    lines = "".join(
        f"<option{' selected' if option == answer else ''}>{escape(option)}</option>"
        for option in options
    )
    invalid = f'{wanted} aria-invalid="true"' if wanted else ""
    return (
        f'<label for="answer-{pk}">Choose one</label>'
        f'<select id="answer-{pk}" name="value" required data-key="x"{invalid}>'
        f'<option value="">{DASH}</option>{lines}</select>'
    )


def _draw_buttons(_: int, options: Sequence[str], answer: str, wanted: str) -> str:
    first = f' data-key="x"{wanted}'
    buttons = "".join(
        f'<label><input type="radio" name="value" value="{escape(option)}" required'
        f"{'' if place else first}{' checked' if option == answer else ''}>"
        f" {escape(option)}</label>"
        for place, option in enumerate(options)
    )
    return f'<fieldset><legend class="sr">Choose one</legend>{buttons}</fieldset>'
