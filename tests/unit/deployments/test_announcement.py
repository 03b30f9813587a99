"""What the alert of a deployment says."""

from tests.unit.samples import NEW, NOW, OLD, queued, rollback, rolling_back, seconds, update
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.asked import Asked
from wardrop.deployments.history import Moment
from wardrop.deployments.state import State
from wardrop.environments.model import Progress
from wardrop.environments.origin import Origin


def test_a_deployment_that_only_waits_has_no_update_to_tell_about():
    alert = alert_of(queued(dropped_by="jane", revision=3, origin=Origin(commit="a")))
    assert (alert.application, alert.environment, alert.version_label) == ("shop", "shop-staging", NEW)
    assert (alert.deployment, alert.change, alert.by, alert.origin) == ("d-1", 3, "jane", Origin(commit="a"))
    assert (alert.environment_id, alert.previous_version, alert.rollback_version) == (None, None, None)
    assert (alert.progress, alert.duration_seconds) == (None, None)


def test_a_deployment_that_has_begun_tells_about_its_update_and_its_rollback():
    began = [Moment(NOW, State.QUEUED, "a"), Moment(NOW + seconds(60), State.PREPARING, "b")]
    history = [
        *began,
        Moment(NOW + seconds(90), State.DEPLOYING, "c"),
        Moment(NOW + seconds(150), State.ROLLING_BACK, "d"),
    ]
    progress = Progress(done=1, instances=2)
    alert = alert_of(
        rolling_back(
            history=history, asked=Asked(by="joe", at=NOW), update=update(progress=progress), rollback=rollback()
        )
    )
    assert (alert.at, alert.text, alert.by) == (NOW + seconds(150), "d", "joe")
    assert (alert.environment_id, alert.previous_version, alert.rollback_version) == ("e-1", OLD, OLD)
    assert (alert.progress, alert.duration_seconds) == (progress, 90)
