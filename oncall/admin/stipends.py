"""Rates for time on call."""

from django.contrib import admin

from oncall.admin.manners import Audited
from oncall.models import StipendRates


@admin.register(StipendRates)
class StipendRatesAdmin(Audited):
    """What an hour on call is worth in a team."""

    list_display = ["team", "currency", "weekday_hour", "night_hour", "lieu_percent"]
    search_fields = ["team__name"]
