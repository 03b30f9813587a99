"""Requests: their reads, their writes and their answers."""

import pytest

from tests.unit.commands.samples import JANE, STAGING, refused
from tests.unit.commands.world import CommandWorld
from tests.unit.samples import NEW, NOW, OLD, environment, good, instance, queued, reserve, version
from tests.unit.world import once, raising
from wardrop.commands.answers import Deployments, Done, Environments, RefusalCode
from wardrop.commands.overview import MOST_FLEETS
from wardrop.commands.requests import (
    Approve,
    Cancel,
    Clean,
    Decline,
    Deploy,
    History,
    Pause,
    Pin,
    Resume,
    Rollback,
    Status,
    Unpin,
)
from wardrop.commands.run import MOST_TRIES
from wardrop.configuration.parameter import Document, Fault, FaultKind, parameter_name
from wardrop.configuration.record import ConfigurationRecord
from wardrop.configuration.rules import Rules
from wardrop.deployments.state import State
from wardrop.environments.settings import VersionQuotaUse
from wardrop.errors import NotNow, Outdated, Refused
from wardrop.versions.plan import Plan


@pytest.fixture
def world() -> CommandWorld:
    return CommandWorld()


class TestChanges:
    def test_a_deployment_is_written_with_its_alert_and_its_environment_is_woken(self, world):
        answer = world.ask(Deploy(environment=STAGING, label=NEW))
        [deployment] = world.active
        assert isinstance(answer, Done)
        assert answer.deployment == deployment.id
        assert [environment for environment, _ in world.woken] == [STAGING]
        assert world.alert_kinds == ["deployment_queued"]

    def test_the_rules_of_the_configuration_apply(self, world):
        world.show("shop-prod")
        world.parameters.documents["shop"] = "environments: [{name: shop-prod}, {name: shop-staging}]"
        world.ask(Deploy(environment=STAGING, label=NEW))
        assert world.active[0].needs_approval

    def test_a_version_older_than_the_running_one_holds_the_environment_until_a_newer_one_is_requested(self, world):
        world.beanstalk.described[STAGING] = environment(version_label=NEW)
        world.ask(Deploy(environment=STAGING, label=OLD))
        assert world.standing.hold is not None
        world.ask(Deploy(environment=STAGING, label=NEW))
        assert world.standing.hold is None
        assert world.alert_kinds == [
            "deployment_queued",
            "environment_held",
            "deployment_queued",
            "environment_resumed",
        ]

    def test_a_rollback_leaves_what_the_whole_fleet_runs(self, world):
        world.has(good=[good(NEW), good(OLD)])
        world.beanstalk.described[STAGING] = environment(version_label=NEW)
        world.beanstalk.fleet = (instance(1), instance(2))
        assert isinstance(world.ask(Rollback(environment=STAGING)), Done)
        assert [deployment.label for deployment in world.active] == [OLD]

    def test_a_version_that_beanstalk_does_not_have_is_not_found(self, world):
        for request in (Deploy(environment=STAGING, label="shop-9"), Rollback(environment=STAGING, to="shop-9")):
            refused(world.ask(request), "shop has no version shop-9", RefusalCode.NOT_FOUND)
        assert world.active == []

    def test_an_unknown_environment_is_not_found(self, world):
        for request in (Deploy(environment="shop-test", label=NEW), Pause(environment="shop-test")):
            refused(world.ask(request), "Beanstalk has no environment shop-test", RefusalCode.NOT_FOUND)

    def test_an_environment_that_beanstalk_does_not_list_any_more_can_be_paused_but_not_deployed_to(self, world):
        world.has(queued(), good=[good(OLD)])
        world.beanstalk.described.clear()
        refused(world.ask(Rollback(environment=STAGING)), "Beanstalk has no environment", RefusalCode.NOT_FOUND)
        assert isinstance(world.ask(Pause(environment=STAGING)), Done)
        assert isinstance(world.ask(Resume(environment=STAGING)), Done)

    @pytest.mark.parametrize("other", [Approve, Decline, Cancel])
    def test_of_two_requests_at_once_one_wins_and_the_other_is_refused(self, world, other):
        """Another request is executed between the read and the write of this request."""
        rules = Rules(approval_required=True, approvers=["arn:aws:iam::123456789012:role/release-*"])
        world.has(queued(rules=rules, state=State.AWAITING_APPROVAL))
        jim = JANE.replace("jane", "jim")
        world.before["ledger.write"] = once(lambda: world.ask(other(environment=STAGING, label=NEW), jim))
        refused(world.ask(Approve(environment=STAGING, label=NEW)), "release-managers (session jim)")
        [deployment] = [*world.active, *world.finished()]
        approver = deployment.approval.by if deployment.approval else None
        assert approver == ("release-managers (session jim)" if other is Approve else None)
        assert "release-managers (session jim)" in deployment.reason

    def test_when_every_write_comes_too_late_the_caller_is_asked_to_try_again(self, world):
        world.before["ledger.write"] = raising(Outdated("the ledger has changed"))
        answer = world.ask(Pause(environment=STAGING))
        refused(answer, "the records of shop-staging changed during all", RefusalCode.TRY_AGAIN)
        assert world.calls.count("ledger.write") == MOST_TRIES
        assert world.woken == []

    def test_when_beanstalk_throttles_the_caller_is_asked_to_try_again(self, world):
        world.before["beanstalk.environments"] = raising(NotNow("Rate exceeded"))
        refused(world.ask(Pause(environment=STAGING)), "Rate exceeded", RefusalCode.TRY_AGAIN)


class TestVersions:
    def test_a_version_is_pinned_and_unpinned(self, world):
        reserve(world.ledger, version())
        assert isinstance(world.ask(Pin(application="shop", label=NEW)), Done)
        assert world.ledger.versions.find("shop", NEW).pinned_by == "release-managers (session jane)"
        assert isinstance(world.ask(Unpin(application="shop", label=NEW)), Done)
        assert world.ledger.versions.find("shop", NEW).pinned_by is None

    @pytest.mark.parametrize("request_type", [Pin, Unpin])
    def test_an_unknown_version_is_neither_pinned_nor_unpinned(self, world, request_type):
        answer = world.ask(request_type(application="shop", label="shop-7"))
        refused(answer, "shop has no version shop-7", RefusalCode.NOT_FOUND)

    def test_a_clean_up_is_started_in_the_name_of_the_caller(self, world):
        assert world.ask(Clean()).text == (
            "a clean-up is requested; it starts now, unless another clean-up is running; an alert will report what "
            "it did"
        )
        assert world.clean_ups.started == ["release-managers (session jane)"]

    def test_a_dry_run_is_answered_with_the_plan(self, world):
        world.clean_ups.plan_answer = Plan(
            quota=1000, versions=1, versions_to_delete=0, bundles_to_delete=0, bytes_to_free=0, decisions=[]
        )
        assert world.ask(Clean(dry_run=True, application="shop")) is world.clean_ups.plan_answer
        assert (world.clean_ups.planned_for, world.clean_ups.started) == (["shop"], [])


class TestStatusAndHistory:
    def test_a_status_shows_all_environments_those_of_an_application_or_one(self, world):
        every = world.ask(Status())
        assert isinstance(every, Environments)
        assert [view.environment for view in every.environments] == [STAGING]
        assert world.ask(Status(of="shop")) == every == world.ask(Status(of=STAGING))
        refused(world.ask(Status(of="mall")), "no application or environment has the name mall", RefusalCode.NOT_FOUND)

    def test_a_status_shows_which_document_is_in_force_for_each_application(self, world):
        [defaults] = world.ask(Status()).configurations
        assert (defaults.application, defaults.parameter) == ("shop", "/wardrop/applications/shop")
        assert (defaults.source, defaults.version, defaults.since, defaults.error) == ("defaults", None, None, None)
        world.parameters.documents["shop"] = f"environments: [{{name: {STAGING}}}]"
        [document] = world.ask(Status(of="shop")).configurations
        assert (document.source, document.version, document.since, document.error) == ("document", 3, NOW, None)

    def test_a_status_shows_that_the_last_good_document_is_in_force_and_why(self, world):
        good_one = Document(text=f"environments: [{{name: {STAGING}}}]", version=2, modified_at=NOW)
        world.ledger.configurations.write(ConfigurationRecord(application="shop", last_good=good_one))
        world.parameters.documents["shop"] = "environments: [{name: shop-typo}]"
        [view] = world.ask(Status(of=STAGING)).configurations
        assert (view.source, view.version, view.refused_version) == ("last_good", 2, 3)
        assert view.error == f"there is no environment shop-typo; the application has {STAGING}"
        assert world.alerts == []

    def test_a_status_says_that_it_cannot_read_the_configuration(self, world):
        world.parameters.faults["shop"] = Fault(kind=FaultKind.DENIED, reason="AccessDenied")
        [view] = world.ask(Status()).configurations
        assert (view.source, view.fault, view.error) == ("held", "denied", "AccessDenied")

    @pytest.mark.parametrize("name", ["web", 'my shop (v2), "blue" + green [x]', "x" * 100])
    def test_an_application_may_have_a_name_that_no_environment_can_have(self, world, name):
        world.beanstalk.described = {"e-1": environment(application=name)}
        assert [view.application for view in world.ask(Status(of=name)).environments] == [name]
        [view] = world.ask(Status(of=name)).configurations
        assert view.parameter == f"/wardrop/applications/{parameter_name(name)}"

    def test_a_name_that_beanstalk_refuses_is_answered_with_its_reason(self, world):
        world.before["beanstalk.environments_of"] = raising(Refused("Value 'é' at 'applicationName' failed"))
        refused(world.ask(Status(of="é")), "Value 'é' at 'applicationName' failed", RefusalCode.CONFLICT)

    def test_a_status_shows_the_stages_in_the_order_of_promotion(self, world):
        assert world.ask(Status()).configurations[0].stages == []
        world.show("shop-prod")
        world.parameters.documents["shop"] = f"environments: [{{name: shop-prod}}, {{name: {STAGING}}}]"
        assert world.ask(Status()).configurations[0].stages == [["shop-prod"], [STAGING]]

    def test_a_status_of_all_environments_shows_the_quota_as_the_last_clean_up_counted_it(self, world):
        assert world.ask(Status()).quota is None
        world.ledger.versions.keep_room(VersionQuotaUse(at=NOW, used=7, quota=1000))
        assert world.ask(Status()).quota == VersionQuotaUse(at=NOW, used=7, quota=1000)
        assert world.ask(Status(of="shop")).quota is None

    def test_a_status_of_all_environments_shows_the_same_records_as_a_status_of_one(self, world):
        world.show("shop-prod")
        world.has(queued(), good=[good(OLD)])
        every = {view.environment: view for view in world.ask(Status()).environments}
        assert every[STAGING].deployments
        assert every[STAGING].good_versions
        for name, view in every.items():
            assert world.ask(Status(of=name)).environments == [view]

    @pytest.mark.parametrize(("number", "reads"), [(MOST_FLEETS, True), (MOST_FLEETS + 1, False)])
    def test_a_status_of_many_environments_does_not_read_their_instances(self, world, number, reads):
        world.beanstalk.described = {f"shop-{n}": environment(name=f"shop-{n}") for n in range(number)}
        assert {view.instances is not None for view in world.ask(Status()).environments} == {reads}

    def test_a_history_shows_finished_deployments_with_every_moment(self, world):
        world.has(queued())
        world.ask(Cancel(environment=STAGING))
        answer = world.ask(History(environment=STAGING))
        assert isinstance(answer, Deployments)
        assert [moment.state for moment in answer.deployments[0].history] == [State.QUEUED, State.CANCELLED]
        assert world.ask(History(environment=STAGING, limit=1)) == answer
        refused(world.ask(History(environment="shop-test")), "no environment shop-test", RefusalCode.NOT_FOUND)
