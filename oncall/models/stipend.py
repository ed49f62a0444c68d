"""What a team pays or gives back for time on call."""

from datetime import time
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from oncall.models.team import Team

_not_negative = [MinValueValidator(Decimal(0))]


class StipendRates(models.Model):
    """The rates of a team, for an hour on call of each kind."""

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, related_name="stipend_rates"
    )
    currency = models.CharField(max_length=3, default="EUR")
    weekday_hour = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(0), validators=_not_negative
    )
    night_hour = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(0), validators=_not_negative
    )
    weekend_hour = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(0), validators=_not_negative
    )
    holiday_hour = models.DecimalField(
        max_digits=8, decimal_places=2, default=Decimal(0), validators=_not_negative
    )
    night_starts = models.TimeField(default=time(22))
    night_ends = models.TimeField(default=time(6))
    # Time off in lieu, in percent of the time on call of each kind.
    lieu_percent = models.PositiveSmallIntegerField(default=0)
    # Roles that count; a shadow, for one, is not paid.
    roles = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "stipend rates"

    def __str__(self) -> str:
        return f"Rates of {self.team}"
