"""Reading the words that services have for severity."""

from collections.abc import Collection

from incidents.models import SeverityLevel


def get_word(team_ids: Collection[int], pk: int) -> SeverityLevel | None:
    """Return a word of a service of these teams, with service and team."""
    rows = SeverityLevel.objects.select_related("service__team")
    return rows.filter(service__team_id__in=team_ids, pk=pk).first()
