"""Where alerts come from."""

from django.db import models

from oncall.models import Service


class Integration(models.Model):
    """One sender of a service. Dedup keys mean something only inside it."""

    class Kind(models.TextChoices):
        CHECKS = "checks", "The portal's own checks"
        API = "api", "API"

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="integrations"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=80)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["service", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "kind", "name"], name="incidents_integration_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
