"""The environments and deployments in answers."""

from tests.unit.samples import NEW, NOW, OLD, deploying, environment, good, instance, queued, standing
from wardrop.commands.views import environment_view, with_history, without_history
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.state import State
from wardrop.environments.settings import DeploymentSettings


def test_an_environment_shows_its_fleet_its_active_deployments_and_its_good_versions():
    fleet = (instance(1, OLD), instance(2, OLD), instance(3, NEW), instance(4, None))
    view = environment_view(environment(), fleet, EnvironmentRecord(standing(good(OLD)), [deploying()]))
    assert (view.environment, view.version_label) == ("shop-staging", OLD)
    assert view.instances == {OLD: 2, NEW: 1, "none": 1}
    assert [(deployment.label, deployment.state) for deployment in view.deployments] == [(NEW, State.DEPLOYING)]
    assert [version.label for version in view.good_versions] == [OLD]
    assert view.availability is None


def test_an_environment_whose_settings_are_known_shows_what_a_deployment_does_to_the_service():
    settings = DeploymentSettings(at=NOW, load_balanced=True, policy="Immutable")
    view = environment_view(environment(), None, EnvironmentRecord(standing(), [], settings))
    assert view.instances is None
    assert view.availability == "a deployment that changes no settings keeps the service up: Immutable"


def test_the_smallest_size_does_not_stand_in_for_instances_that_were_not_read():
    settings = DeploymentSettings(at=NOW, load_balanced=True, policy="Rolling", batch="30%", min_size=1)
    view = environment_view(environment(), None, EnvironmentRecord(standing(), [], settings))
    assert view.interruption is None
    assert view.availability_doubt == "the number of instances was not read"
    assert view.availability == (
        "cannot tell whether a deployment that changes no settings keeps the service up, because the number of "
        "instances was not read"
    )


def test_only_a_history_shows_the_moments_of_a_deployment():
    assert without_history(queued()).history == []
    assert with_history(queued()).history == queued().history
