"""A person requests the deployment of a version by its label."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.commands.samples import STAGING, accepted, caller, refused, snapshot, target, version
from tests.unit.samples import NEW, NOW, OLD, deploying, queued, release, standing
from wardrop.alerts.kinds import Kind
from wardrop.commands.deploy import deploy
from wardrop.commands.queueing import RequestedVersion
from wardrop.commands.requests import Deploy
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.standing import Hold, QuarantinedVersion

HOLD = Hold(by="joe", at=NOW, because="rolled back to shop-1.0", label=OLD)


def decide(request: Deploy, seen: EnvironmentSnapshot | None = None, **differs: Any) -> Accepted:
    return accepted(deploy(request, caller(), seen or snapshot(), target(**differs), version(request.label)))


def test_the_deployment_is_queued_in_the_name_of_the_caller():
    decision = decide(Deploy(environment=STAGING, label=NEW))
    [deployment] = decision.change.deployments
    assert (decision.deployment, deployment.label) == (deployment.id, NEW)
    assert (deployment.asked.by, deployment.asked.at) == (
        "release-managers (session jane)",
        NOW + timedelta(minutes=60),
    )
    assert decision.text == "shop-2.0 is queued for shop-staging: release-managers (session jane) requested shop-2.0"
    assert [alert.kind for alert in decision.change.alerts] == [Kind.DEPLOYMENT_QUEUED]
    assert decision.change.standing is None


def test_a_version_that_is_older_than_another_one_holds_the_environment():
    decision = decide(Deploy(environment=STAGING, label=OLD, because="errors"))
    assert "it is older than shop-2.0, so later drops wait until the environment is resumed" in decision.text
    hold = decision.change.standing.hold
    assert (hold.by, hold.because, hold.label) == (
        "release-managers (session jane)",
        "the older version shop-1.0 was requested: errors",
        OLD,
    )
    assert [alert.kind for alert in decision.change.alerts] == [Kind.DEPLOYMENT_QUEUED, Kind.ENVIRONMENT_HELD]


def test_any_other_version_ends_a_hold():
    decision = decide(Deploy(environment=STAGING, label=NEW), snapshot(standing=standing(hold=HOLD)))
    assert "the deployment ends the hold since 2026-01-02 03:04 UTC by joe" in decision.text
    assert decision.change.standing.hold is None
    assert [alert.kind for alert in decision.change.alerts] == [Kind.DEPLOYMENT_QUEUED, Kind.ENVIRONMENT_RESUMED]


def test_the_quarantine_of_the_version_is_lifted_and_no_other():
    both = [QuarantinedVersion(label=label, at=NOW, because="it failed") for label in (NEW, "shop-3")]
    decision = decide(Deploy(environment=STAGING, label=NEW), snapshot(standing=standing(quarantined=both)))
    assert "its quarantine is lifted" in decision.text
    assert [version.label for version in decision.change.standing.quarantined] == ["shop-3"]


def test_the_quarantine_of_the_same_bytes_under_another_label_is_lifted_too():
    same = QuarantinedVersion(label="rc1", at=NOW, because="it failed", sha256=release().sha256)
    seen = snapshot(standing=standing(quarantined=[same]))
    ours = RequestedVersion(NEW, release())
    decision = accepted(deploy(Deploy(environment=STAGING, label=NEW), caller(), seen, target(), ours))
    assert "its quarantine is lifted" in decision.text
    assert decision.change.standing.quarantined == []


def test_now_does_not_replace_an_approval():
    request = Deploy(environment=STAGING, label=NEW, now=True, because="the fix")
    decision = decide(request, rules=Rules(approval_required=True))
    assert decision.text.endswith("requested shop-2.0 immediately: the fix; it needs approval")
    assert decision.change.deployments[0].needs_approval


def test_the_answer_says_why_the_deployment_waits():
    paused = standing(paused=Hold(by="joe", at=NOW, because=""))
    assert (
        "; it waits: shop-staging has been paused"
        in decide(Deploy(environment=STAGING, label=NEW), snapshot(standing=paused)).text
    )


@pytest.mark.parametrize(
    ("active", "reason"),
    [
        (deploying(), "shop-2.0 is already being deployed to shop-staging"),
        (queued(asked=Asked(by="joe", at=NOW)), "shop-2.0 is already waiting for shop-staging"),
    ],
)
def test_a_repeated_request_is_refused(active, reason):
    request = Deploy(environment=STAGING, label=NEW)
    refused(deploy(request, caller(), snapshot(active), target(), version()), reason)


@pytest.mark.parametrize("waiting", [queued(), queued(asked=Asked(by="joe", at=NOW, now=True, because="x"))])
def test_a_waiting_drop_or_an_urgent_request_of_the_same_version_is_no_repetition(waiting):
    assert decide(Deploy(environment=STAGING, label=NEW), snapshot(waiting)).deployment
