"""A check that stays down tells people again and again, until it is back."""

from datetime import timedelta

import pytest

from incidents.models import Alert
from incidents.services.escalating import advance_escalations
from oncall.models import Notification, Role
from oncall.services import policies
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from tests.checklists.services.looks import look
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import ContactMethodFactory, ServiceFactory, UserFactory
from tests.targets import Reply

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


def test_a_check_that_stays_down_tells_again_until_it_is_back(site, now):
    service = ServiceFactory()
    SeverityLevelFactory(service=service, label="Critical", level=1, pages=True)
    engineer = UserFactory(team=service.team, team__role=Role.MANAGER)
    ContactMethodFactory(user=engineer)
    step = StepForm(
        name="On call",
        delay=timedelta(),
        targets=(TargetForm(kind="user", pk=engineer.pk),),
    )
    service.policy = policies.create_policy(
        service.team,
        name="Nag",
        slug="nag",
        form=PolicyForm(steps=(step,), repeats=5, repeat_after=10 * MINUTE),
        by=engineer,
        now=now,
    )
    service.save()
    check = CheckFactory(service=service, spec={"url": f"{site.url}/health"})

    site.routes["/health"] = Reply(500)
    look(check, at=now - MINUTE, times=2)
    told = []
    for minutes in (0, 5, 10, 20, 25):
        look(check, at=now + minutes * MINUTE)
        advance_escalations(now=now + minutes * MINUTE)
        told.append(Notification.objects.filter(recipient=engineer).count())
    assert told == [1, 1, 2, 3, 3]
    assert Alert.objects.count() == 1

    site.routes["/health"] = Reply(200)
    look(check, at=now + 26 * MINUTE, times=2)
    advance_escalations(now=now + 40 * MINUTE)
    assert Alert.objects.get().status == "resolved"
    assert Notification.objects.filter(recipient=engineer, state="pending").count() == 0
