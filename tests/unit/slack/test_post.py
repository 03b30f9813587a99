"""The results of posting: alerts that were posted, alerts that Slack refused, and alerts to retry."""

import pytest

from tests.unit.slack.world import rejected
from wardrop.errors import Malformed
from wardrop.slack.errors import CredentialsRefused, RateLimited, Unreachable
from wardrop.slack.post import read_notification


@pytest.mark.parametrize(
    "trouble",
    [Unreachable("down"), RateLimited(600), CredentialsRefused("token_revoked")],
    ids=lambda trouble: type(trouble).__name__,
)
def test_after_trouble_the_rest_is_retried_and_posted_alerts_stay_settled(world, trouble):
    world.slack.refusals = [None, trouble, trouble]
    outcome = world.send(rejected(1), rejected(2), rejected(3))
    assert outcome.trouble is trouble
    assert outcome.settled == {rejected(1).alert_id}
    assert outcome.refused == {}


def test_a_message_that_is_no_alert_is_malformed():
    with pytest.raises(Malformed, match="not an alert for Slack"):
        read_notification('{"alert": {}}')
