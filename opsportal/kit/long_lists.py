"""Lists that grow for ever: their pages end where filters find more than turning."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST_ROWS = 10_000


class LongPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first ``MOST_ROWS`` of a query; counts one row more."""

    @cached_property
    def count(self) -> int:
        """How many rows there are to page through."""
        return min(self._found, MOST_ROWS)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than these."""
        return self._found > MOST_ROWS

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        found: int = rows.order_by()[: MOST_ROWS + 1].count()
        return found
