"""The square in front of an item that says where it stands."""

from functools import lru_cache

from django.utils.safestring import SafeString

from opsportal.kit.icons import draw_icon


@lru_cache(maxsize=32)
def draw_box(mark: str | None, *, is_auto: bool = False) -> SafeString:
    """The square of a `mark`: done, failing, unknown or na; all else is open."""
    match mark:
        case "done":
            return SafeString(
                f'<span class="box ok">{draw_icon("check", "Done")}</span>'
            )
        case "na":
            minus = draw_icon("minus", "Not applicable")
            return SafeString(f'<span class="box na">{minus}</span>')
        case "failing":
            return _draw_sign("box crit", "Failing", "!")
        case "unknown":
            return _draw_sign("box warn", "Unknown", "?")
    if is_auto:
        return _draw_sign("box auto", "Waiting for its check", "")
    return _draw_sign("box", "Open", "")


def _draw_sign(css: str, words: str, sign: str) -> SafeString:
    return SafeString(
        f'<span class="{css}" role="img" aria-label="{words}">{sign}</span>'
    )
