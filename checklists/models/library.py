"""What the check library knows of a service, and which checks came of it."""

from django.db import models

from checklists.models.check import Check
from oncall.models import Service


class ServiceMapping(models.Model):
    """Where the metrics of one service live: said once, for the whole library."""

    service = models.OneToOneField(
        Service, on_delete=models.CASCADE, related_name="check_mapping"
    )
    # {"prometheus": "http://prometheus:9090"}: only what is not the library's own.
    places = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"Mapping of {self.service}"


class LibraryCheck(models.Model):
    """That a check was made from a template of the library."""

    check_ref = models.OneToOneField(
        Check, on_delete=models.CASCADE, related_name="library_origin"
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="library_checks"
    )
    template = models.SlugField(max_length=80)
    # Of the check as the library made it: with another one a person has edited it.
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["service", "template"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "template"], name="checklists_one_check_a_template"
            )
        ]

    def __str__(self) -> str:
        return self.template
