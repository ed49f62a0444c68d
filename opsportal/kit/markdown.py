"""Markdown of people and runbooks as HTML that is safe to put in a page.

Two walls: the parser never passes HTML through, and nh3 then keeps only what is
on the lists below, whatever the parser let by.
"""

import re
from functools import lru_cache
from typing import Final

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.tasklists import tasklists_plugin

TAGS: Final = frozenset(
    [
        *("a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr"),
        *("img", "input", "label", "li", "ol", "p", "pre", "s", "strong"),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    ]
)
ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "input": {"checked"},
    "ol": {"start"},
}
CLASSES: Final = {
    "ul": {"contains-task-list"},
    "ol": {"contains-task-list"},
    "li": {"task-list-item"},
    "input": {"task-list-item-checkbox"},
}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
LINK_REL: Final = "noopener noreferrer nofollow"
_STARTS_A_PATH: Final = re.compile(r"[/?#]")
# A page's own title is h1 and its sections are h2: text starts below them.
TOP_HEADING: Final = 3


@lru_cache(maxsize=512)
def render(text: str, *, is_file: bool = False) -> SafeString:
    """`text` as HTML: CommonMark, tables, strike-through and task lists.

    A line that ends ends in HTML too, as people expect of what they type into a
    field; not in what comes from a file, whose lines are wrapped by hand.
    HTML in the text shows as text. Pictures come from this site alone, links
    from `SCHEMES` or this site; headings start at `TOP_HEADING`.
    """
    dirty = _parser(breaks=not is_file).render(text)
    return mark_safe(  # noqa: S308 -- nh3 has just cleaned it
        nh3.clean(
            dirty,
            tags=set(TAGS),
            clean_content_tags={"script", "style"},
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            allowed_classes={tag: set(names) for tag, names in CLASSES.items()},
            set_tag_attribute_values={
                "input": {"type": "checkbox", "disabled": "disabled"}
            },
            url_schemes=set(SCHEMES),
            attribute_filter=_keep_attribute,
            link_rel=LINK_REL,
        )
    )


@lru_cache(maxsize=2)
def _parser(*, breaks: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": breaks})
    parser.enable(["table", "strikethrough"])
    parser.use(tasklists_plugin, label=True)
    parser.core.ruler.push("lower_headings", _lower_headings)
    return parser


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(6, int(token.tag[1]) + TOP_HEADING - 1)
            token.tag = f"h{level}"


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Drop pictures from elsewhere and links whose scheme is only disguised."""
    if (tag, name) == ("img", "src"):
        own = value.startswith("/") and not value.startswith(("//", "/\\"))
        return value if own else None
    if (tag, name) == ("a", "href"):
        scheme, colon, _ = value.partition(":")
        plain = not colon or scheme.lower() in SCHEMES or _STARTS_A_PATH.search(scheme)
        return value if plain else None
    return value
