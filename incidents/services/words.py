"""The words by which similar incidents are found."""

from incidents.domain.similarity import split_words
from incidents.models import Incident, IncidentWord


def index_words(incident: Incident) -> None:
    """Keep the words of its title and summary; inside the transaction of a change."""
    incident.words.all().delete()
    IncidentWord.objects.bulk_create(
        IncidentWord(incident=incident, word=word)
        for word in split_words(f"{incident.title} {incident.summary}")
    )
