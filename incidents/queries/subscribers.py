"""Reading who outside hears of a public page."""

from incidents.models import Component, StatusPage, Subscriber


def get_published_page(slug: str) -> StatusPage | None:
    """Return a page that anybody may read, None when there is none."""
    return StatusPage.objects.filter(slug=slug, is_published=True).first()


def shown_components(page: StatusPage) -> list[Component]:
    """Return the components that the public sees, in their order."""
    return list(page.components.filter(is_shown=True))


def list_subscribers(page: StatusPage) -> list[Subscriber]:
    """Return who hears or was asked, with the chosen components.

    Those are first whose mails are refused, then the newest.
    """
    rows = page.subscribers.order_by("-refusals", "-asked_at", "-pk")
    return list(rows.prefetch_related("components"))


def count_subscribers(page: StatusPage) -> int:
    """Return how many confirmed it."""
    return page.subscribers.filter(confirmed_at__isnull=False).count()


def get_subscriber(page: StatusPage, pk: int) -> Subscriber | None:
    """Return one reader of the page."""
    return page.subscribers.select_related("page").filter(pk=pk).first()


def names_of(row: Subscriber) -> tuple[str, ...]:
    """Return the components that somebody chose; none for all."""
    if row.hears_all:
        return ()
    return tuple(each.name for each in row.components.all()) or ("no component",)
