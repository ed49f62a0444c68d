"""Loading the whole demo, and finding out whether it may be loaded or removed."""

from datetime import datetime, timedelta

from django.apps import apps
from django.db import router, transaction
from django.db.models import F

from oncall.models import Notification, Service
from opsportal.demo import stage as places
from opsportal.demo.past_alerts import raise_alerts, seed_past_alerts
from opsportal.demo.past_handoffs import seed_handoffs
from opsportal.demo.past_incidents import open_incident, seed_past_incidents
from opsportal.demo.past_people import make_rosters
from opsportal.demo.past_postmortems import seed_formats
from opsportal.demo.past_results import seed_flips, seed_results
from opsportal.demo.past_rollups import seed_rollups
from opsportal.demo.past_runs import seed_past_runs
from opsportal.demo.seed_checklists import seed_cadences, seed_checklists
from opsportal.demo.seed_checks import BAD_FOR, Watched, seed_checks, seed_jobs
from opsportal.demo.seed_communication import seed_communication
from opsportal.demo.seed_contacts import seed_contacts
from opsportal.demo.seed_coverage import seed_unreachable
from opsportal.demo.seed_deliveries import seed_deliveries
from opsportal.demo.seed_drafts import seed_drafts
from opsportal.demo.seed_exchange import seed_exchange
from opsportal.demo.seed_groups import seed_groups
from opsportal.demo.seed_load import seed_rates
from opsportal.demo.seed_paging import climb_until, take_alert
from opsportal.demo.seed_policies import seed_policies
from opsportal.demo.seed_practice import seed_practice
from opsportal.demo.seed_rosters import seed_roster_edits
from opsportal.demo.seed_runbooks import seed_runbooks
from opsportal.demo.seed_senders import seed_senders
from opsportal.demo.seed_services import seed_channels, seed_services
from opsportal.demo.seed_talk import seed_talk
from opsportal.demo.seed_teams import (
    Teams,
    seed_overrides,
    seed_shifts,
    seed_teams,
)
from opsportal.demo.seed_waiting import seed_waiting
from opsportal.demo.shapes import MINUTE
from opsportal.demo.witness import make_witnesses
from opsportal.kit import append_only

# Besides our own apps: what belongs to people who go with the demo.
_PERSONAL = ("account", "mfa", "socialaccount", "usersessions", "sessions", "admin")
_OURS = ("oncall", "incidents", "checklists", "runbooks")
_KEPT = {"SweepRecord"}


def load_demo(*, now: datetime) -> None:
    """Write the demo into an empty database, in one transaction."""
    stage = places.set_up(now)
    with transaction.atomic():
        rows = seed_teams(now)
        services = seed_services(rows, now)
        seed_formats(services)
        seed_runbooks(rows, services, now)
        seed_waiting(services, stage, now)
        watched = seed_checks(services, rows, stage, now)
        seed_checklists(rows, watched, now)
        jobs = seed_jobs(watched, now)
        seed_roster_edits(rows, now)
        seed_overrides(rows, now)
        seed_shifts(rows, now)
        seed_rates(rows, now)
        _seed_past(rows, services, watched, now)
        seed_senders(rows, services, now)
        channels = seed_channels(rows, stage, now)
        seed_contacts(rows, stage, now)
        seed_policies(rows, services, channels, now)
        _seed_present(rows, services, watched, now)
        seed_practice(services, rows, stage, now)
        seed_unreachable(rows)
        seed_exchange(rows, now)
        seed_deliveries(now)
        _tell_the_past(now)
    places.save(places.with_jobs(stage, jobs))


def _seed_past(
    rows: Teams, services: dict[str, Service], watched: list[Watched], now: datetime
) -> None:
    """Write what happened: nobody is told of it, there are no channels yet."""
    rosters = make_rosters(rows, now)
    witnesses = make_witnesses(watched, now)
    seed_results(watched, witnesses)
    seed_rollups(watched, witnesses)
    seed_flips(watched, now)
    seed_past_alerts(watched, rosters, now)
    seed_past_incidents(services, rosters, now)


def _seed_present(
    rows: Teams, services: dict[str, Service], watched: list[Watched], now: datetime
) -> None:
    """Open today's alerts, incident and runs; only then the runs of the past."""
    rosters = make_rosters(rows, now)
    alerts = raise_alerts(watched, now)
    troubled = services["architect-api"]
    alert = alerts["architect-api/error-rate"]
    began = alert.starts_at
    climb_until(began, since=now - BAD_FOR)
    take_alert(alert, rosters[troubled.team_id])
    open_incident(troubled, rosters[troubled.team_id], alert, now)
    climb_until(now - MINUTE, since=began + MINUTE)
    seed_communication(services, rosters, now)
    cadences = seed_cadences(rows, now)
    seed_past_runs(cadences, rosters, make_witnesses(watched, now), now)
    seed_talk(cadences, now)
    seed_drafts(cadences, now)
    seed_handoffs(rows, now)
    seed_groups(services, rosters, now)


def _tell_the_past(now: datetime) -> None:
    """Let what people were told before this hour have reached them then."""
    Notification.objects.filter(
        created_at__lt=now - timedelta(hours=1), state=Notification.State.PENDING
    ).update(
        state=Notification.State.SENT,
        sent_at=F("created_at"),
        first_attempt_at=F("created_at"),
        next_try_at=None,
    )


def remove_demo() -> None:
    """Empty every table of ours, append-only ones too, in one transaction."""
    models = [
        model
        for label in (*_OURS, *_PERSONAL)
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model.__name__ not in _KEPT
    ]
    with transaction.atomic(), append_only.lifted():
        for model in models:
            # Without fetching: foreign keys are looked at when it commits.
            model._base_manager.all()._raw_delete(router.db_for_write(model))
