"""Lucide icons as inline SVG, each drawn once."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist


@lru_cache(maxsize=1_000)
def draw_icon(name: str, label: str = "") -> SafeString:
    """The icon `name`; with a label it speaks, else it is hidden from readers."""
    if not label:
        return format_html(_read_icon(name), mark_safe('aria-hidden="true"'))
    spoken = format_html('role="img" aria-label="{}"', label)
    return format_html(_read_icon(name), spoken)


@cache
def _icons() -> ZipFile:
    # lucide opens its archive, and reads the names of 1,700 icons, for each of them:
    # that was most of the first page. In memory, because forks share a file's place.
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


@lru_cache(maxsize=256)
def _read_icon(name: str) -> str:
    try:
        drawing = _icons().read(f"{name}.svg").decode()
    except KeyError:
        raise IconDoesNotExist(f"There is no icon {name!r}.") from None
    start = drawing.index(">", drawing.index("<svg")) + 1
    body = drawing[start:].rstrip().replace("{", "{{").replace("}", "}}")
    return (
        f'<svg class="icon icon-{name}" viewBox="0 0 24 24" width="16" height="16"'
        ' fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"'
        f' stroke-linejoin="round" focusable="false" {{}}>{body}'
    )
