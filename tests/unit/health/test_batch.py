"""What a batch of events says about the health of environments."""

from typing import Any

import pytest

from tests.unit.samples import NOW, seconds
from wardrop.environments.model import Health
from wardrop.health.batch import EventBatch
from wardrop.health.events import BeanstalkEvent, Detail
from wardrop.health.evidence import EventEvidence, HealthEvent

SEVERE = {"message": "Environment health has transitioned from Ok to Severe.", "severity": "WARN"}
TERMINATED = {"status": "Environment termination successful", "severity": "INFO"}


def event(ago: float = 0, **detail: Any) -> BeanstalkEvent:
    plain = {"environment_name": "shop-staging", "application_name": "shop"}
    date = int((NOW - seconds(ago)).timestamp() * 1000)
    return BeanstalkEvent("1", "Health status change", Detail(**({"event_date": date} | plain | detail)))


def evidence(*events: BeanstalkEvent) -> dict[str, EventEvidence]:
    return EventBatch(events, NOW).evidence()


def test_the_health_events_and_the_termination_of_an_environment_are_evidence():
    first, second = (HealthEvent(NOW - seconds(ago), Health.SEVERE, Health.OK) for ago in (9, 5))
    assert evidence(event(9, **SEVERE), event(5, **SEVERE), event(1, **TERMINATED)) == {
        "shop-staging": EventEvidence("shop", (first, second), NOW - seconds(1))
    }


@pytest.mark.parametrize(
    "detail",
    [
        {"status": "Environment update failed", "severity": "ERROR"},
        SEVERE | {"environment_name": None},
        TERMINATED | {"environment_name": None},
    ],
)
def test_other_events_and_events_of_no_environment_are_none(detail):
    assert evidence(event(**detail)) == {}


def test_the_application_is_that_of_the_first_event_that_names_one():
    names = [None, "shop", "mall"]
    found = evidence(*(event(**(SEVERE | {"application_name": name})) for name in names))
    assert found["shop-staging"].application == "shop"
