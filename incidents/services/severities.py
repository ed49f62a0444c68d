"""The words that a service has for severity."""

from incidents.domain import severity
from incidents.models import SeverityLevel
from oncall.models import Service
from opsportal.kit.errors import PortalError


def find_severity(service: Service, label: str) -> SeverityLevel:
    """Return the level that ``label`` means in this service.

    A service without words of its own gets the common ones, with no response
    times. Raises PortalError for a word that the service does not have.
    """
    words = {word.label: word for word in SeverityLevel.objects.filter(service=service)}
    if not words and label in severity.LEVELS.values():
        words = _give_common_words(service)
    if label not in words:
        known = ", ".join(words or severity.LEVELS.values())
        raise PortalError(
            f"{service} has no severity “{label}”. It has: {known}.", field="severity"
        )
    return words[label]


def _give_common_words(service: Service) -> dict[str, SeverityLevel]:
    made = SeverityLevel.objects.bulk_create(
        SeverityLevel(service=service, label=label, level=level)
        for level, label in severity.LEVELS.items()
    )
    return {word.label: word for word in made}
