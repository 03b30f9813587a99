"""What becomes of a queued deployment: on the stand-in, by the real functions."""

import re
from datetime import UTC, datetime, timedelta

from local.beanstalk.seed import sound_war
from tests.integration.shop import APPLICATION, PATIENCE_SECONDS, PROD, STAGING, Shop, archive
from tests.unit.samples import APPROVAL, ROOT
from wardrop.aws.beanstalk import Beanstalk
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.environments.settings import read_settings

ROAD = ("ReceiveDrop", "AdvanceDeployment")
CALLS_TO_UPDATE, CALLS_TO_BEANSTALK = 22, 6
UNANSWERING = {"WEB-INF/web.xml": "<web-app/>"}


def test_a_rolling_deploy_is_proven_on_every_instance_and_told(shop: Shop) -> None:
    shop.ended(PROD, shop.drop("shop/shop-prod/rolled-0.war"))
    dropped = shop.drop("shop/shop-prod/rolled-1.war", dropped_by="jenkins")
    ended = shop.ended(PROD, dropped)
    assert shop.instances(PROD) == ["rolled-1"] * 4
    assert shop.states(ended) == [State.QUEUED, State.DEPLOYING, State.SUCCEEDED]
    assert [(moment.state, moment.reason) for moment in ended.history[:2]] == [
        (State.QUEUED, "rolled-1 was dropped as shop/shop-prod/rolled-1.war, by jenkins as stated"),
        (
            State.DEPLOYING,
            "shop-prod is Ready: rolled-1 replaces rolled-0; this keeps the service up: Rolling, 1 of 4 at a time",
        ),
    ]
    assert ended.state is State.SUCCEEDED
    assert ended.reason.startswith("all 4 instances run rolled-1 and health is ")
    standing = shop.ledger.environments.read(PROD).standing
    assert standing.newest == ended.arrival
    assert (standing.good[0].label, standing.good[0].release) == ("rolled-1", ended.release)
    assert standing.good[0].environment_id == shop.environment(PROD)["EnvironmentId"]
    alerts = shop.alerts(deployment=ended.id)
    assert shop.alert_kinds(deployment=ended.id) == ["deployment_queued", "deployment_started", "deployment_succeeded"]
    assert [alert["text"] for alert in alerts] == [moment.reason for moment in ended.history]
    assert {(alert["application"], alert["environment"], alert["severity"]) for alert in alerts} == {
        (APPLICATION, PROD, "info")
    }
    shop.cloud.eventually(lambda: ended.reason in [line["message"] for line in shop.log("AdvanceDeployment")])


def test_the_road_from_a_drop_to_the_update_takes_few_calls(shop: Shop) -> None:
    """The environment's settings are known, from a tick after its last update."""
    assert shop.ended(STAGING, shop.drop("shop/shop-staging/counted-0.war")).state is State.SUCCEEDED
    beanstalk = Beanstalk(shop.beanstalk)
    environment, settings = beanstalk.all_environments()[STAGING], beanstalk.settings(APPLICATION, STAGING)
    shop.ledger.environments.keep_settings(STAGING, read_settings(settings, environment, datetime.now(UTC)))
    before = len(shop.calls())
    dropped = shop.drop("shop/shop-staging/counted-1.war")
    assert shop.ended(STAGING, dropped).state is State.SUCCEEDED
    road = [call for call in shop.calls()[before:] if call["principal"] in ROAD]
    updates = [number for number, call in enumerate(road) if call["action"] == "UpdateEnvironment"]
    assert len(updates) == 1
    until = road[: updates[0] + 1]
    assert len(until) <= CALLS_TO_UPDATE, [call["action"] for call in until]
    assert sum(call["service"] == "elasticbeanstalk" for call in until) <= CALLS_TO_BEANSTALK


def test_a_deployment_waits_for_somebody_elses_update_and_says_so(shop: Shop) -> None:
    with shop.busy():
        dropped = shop.drop("shop/shop-staging/patient-1.war")
        waiting = shop.waiting(STAGING, dropped)
        assert waiting.state is State.QUEUED
        assert waiting.reason == "shop-staging is Updating; waiting until it is Ready"
    ended = shop.ended(STAGING, dropped)
    assert ended.state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["patient-1", "patient-1"]
    kinds = shop.alert_kinds(deployment=ended.id)
    assert kinds[:2] == ["deployment_queued", "deployment_waiting"]
    assert kinds[-2:] == ["deployment_started", "deployment_succeeded"]


def test_of_the_drops_that_wait_only_the_newest_is_deployed(shop: Shop) -> None:
    with shop.busy():
        drops = [shop.drop(f"shop/shop-staging/crowd-{number}.war") for number in (1, 2, 3)]
        superseded = [shop.ended(STAGING, dropped) for dropped in drops[:2]]
        shop.waiting(STAGING, drops[2])
    assert [one.state for one in superseded] == [State.SUPERSEDED] * 2
    assert all("was uploaded after crowd-" in one.reason for one in superseded)
    assert shop.alert_kinds(deployment=superseded[0].id)[-1] == "deployment_superseded"
    assert shop.ended(STAGING, drops[2]).state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["crowd-3", "crowd-3"]


def test_two_drops_in_quick_succession_end_with_the_newer_one_running(shop: Shop) -> None:
    """The first may have been started before the second came; then it is finished first."""
    first = shop.drop("shop/shop-staging/quick-1.war")
    second = shop.drop("shop/shop-staging/quick-2.war")
    assert shop.ended(STAGING, second).state is State.SUCCEEDED
    assert shop.ended(STAGING, first).state in (State.SUPERSEDED, State.SUCCEEDED)
    assert shop.instances(STAGING) == ["quick-2", "quick-2"]


def test_an_update_with_settings_by_somebody_else_hinders_nothing(shop: Shop) -> None:
    option = {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "A", "Value": "1"}
    shop.beanstalk.update_environment(EnvironmentName=STAGING, OptionSettings=[option])
    dropped = shop.drop("shop/shop-staging/settings-1.war")
    assert shop.ended(STAGING, dropped).state is State.SUCCEEDED


def test_a_version_that_cannot_answer_is_taken_back_with_a_reason_that_names_instance_and_fleet(shop: Shop) -> None:
    sound = shop.ended(PROD, shop.drop("shop/shop-prod/sound-1.war"))
    ended = shop.ended(PROD, shop.drop("shop/shop-prod/mute-1.war", archive(dict(UNANSWERING))))
    assert (sound.state, ended.state) == (State.SUCCEEDED, State.ROLLED_BACK)
    assert "did not pass health check after command execution (100.0 % of the requests are erroring" in ended.reason
    assert ended.reason.startswith("Instance id(s) 'i-")
    assert "; of 4 instances 1 has mute-1, 3 have sound-1; the deployment log does not name the cause" in ended.reason
    assert "; Wardrop has requested the logs of the instances; " in ended.reason
    assert "; sound-1 runs again: " in ended.reason
    assert shop.instances(PROD) == ["sound-1"] * 4
    [alert] = shop.alerts(deployment=ended.id, kind="deployment_rolled_back")
    assert (alert["severity"], alert["text"]) == ("error", ended.reason)
    standing = shop.ledger.environments.read(PROD).standing
    assert standing.good[0].label == "sound-1"
    assert [one.label for one in standing.quarantined] == ["mute-1"]


def test_without_a_deployment_log_the_logs_of_the_instances_name_the_cause_in_a_later_alert(shop: Shop) -> None:
    later = datetime.now(UTC) + timedelta(minutes=1)  # Records from before the update explain nothing.
    log = re.sub(r"\A\S+ \S+", f"{later:%d-%b-%Y %H:%M:%S}.123", (ROOT / "local/demo/failed-start.log").read_text())
    _disable_deployment_logs(shop, "true")
    try:
        shop.fault("deployment-log", environment=STAGING, text=log)
        bad = shop.drop("shop/shop-staging/unlogged-1.war", archive(dict(UNANSWERING) | {"unlogged": "u"}))
        ended = shop.ended(STAGING, bad)
        assert ended.state is State.ROLLED_BACK
        assert "there is no deployment log" in ended.reason
        assert "Wardrop has requested the logs of the instances" in ended.reason
        [alert] = shop.cloud.eventually(
            lambda: shop.alerts(deployment=ended.id, kind="deployment_explained"), PATIENCE_SECONDS
        )
    finally:
        _disable_deployment_logs(shop, "false")
    assert "environment variable SHOP_DB_URL is not set" in alert["log_lines"][0]["S"]
    assert "the log of an instance says" in shop.ledger.environments.history(STAGING)[0].reason


def _disable_deployment_logs(shop: Shop, disabled: str) -> None:
    namespace = "aws:elasticbeanstalk:application:environment"
    option = {"Namespace": namespace, "OptionName": "EB_DEPLOYMENT_LOG_S3_DISABLED", "Value": disabled}
    answer = shop.beanstalk.update_environment(EnvironmentName=STAGING, OptionSettings=[option])
    request_id = answer["ResponseMetadata"]["RequestId"]

    def is_completed() -> bool:
        events = shop.beanstalk.describe_events(EnvironmentName=STAGING, RequestId=request_id)["Events"]
        return any(event["Message"] == "Environment update completed successfully." for event in events)

    shop.cloud.eventually(is_completed, PATIENCE_SECONDS)


def test_a_quarantined_version_does_not_come_back_by_a_drop(shop: Shop) -> None:
    body = archive(dict(UNANSWERING) | {"quarantined": "q"})
    assert shop.ended(STAGING, shop.drop("shop/shop-staging/quarantined-1.war", body)).state is State.ROLLED_BACK
    again = shop.receipt(shop.drop("shop/shop-staging/quarantined-again-2.war", body))
    assert again.status == "rejected"
    assert again.reason.startswith("quarantined-1 is quarantined in shop-staging: Instance id(s) 'i-")


def test_where_nothing_has_been_good_a_failure_is_left_for_a_person(shop: Shop) -> None:
    shop.fault("health", environment=STAGING, status="Severe", cause="It was ill before.")
    shop.cloud.eventually(lambda: shop.environment(STAGING)["HealthStatus"] == "Severe", 30)
    ended = shop.ended(STAGING, shop.drop("shop/shop-staging/first-bad-1.war", archive(dict(UNANSWERING))))
    assert ended.state is State.FAILED
    assert "no good version" in ended.reason


def test_all_at_once_becomes_rolling_before_the_first_deployment(shop: Shop) -> None:
    shop.set_option(STAGING, "DeploymentPolicy", "AllAtOnce")
    ended = shop.ended(STAGING, shop.drop("shop/shop-staging/careful-1.war"))
    assert shop.states(ended) == [State.QUEUED, State.PREPARING, State.DEPLOYING, State.SUCCEEDED]
    updates = [call for call in shop.calls() if call["action"] == "UpdateEnvironment" and call["principal"] != "test"]
    assert len(updates) >= 2
    assert "DeploymentPolicy=Rolling, BatchSizeType=Percentage, BatchSize=30" in ended.history[1].reason


def test_what_is_good_in_staging_is_promoted_and_waits_for_approval(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 1s}, {name: shop-prod, bake: 0s}]")
    dropped = shop.drop("shop/promoted-1.war")
    ended = shop.ended(STAGING, dropped)
    assert shop.states(ended)[-2:] == [State.BAKING, State.SUCCEEDED]

    def awaits() -> Deployment | None:
        waiting = shop.ledger.environments.read(PROD).deployments
        return next((one for one in waiting if one.state is State.AWAITING_APPROVAL), None)

    waiting = shop.cloud.eventually(awaits, 30)
    assert waiting is not None
    assert waiting.reason == "promoted-1 waits to be approved for shop-prod"
    shop.ledger.write(Change([waiting.approved(APPROVAL, "approved")]))
    shop.cloud.eventually(lambda: shop.environment(PROD)["VersionLabel"] == "promoted-1", 30)


def test_a_good_drop_heals_the_mixed_fleet_that_a_later_batch_left(shop: Shop) -> None:
    """With on-failure=hold it is not rolled back."""
    shop.fault("deploy-fails-health", environment=PROD, batch=3, times=1)
    ended = shop.ended(PROD, shop.drop("shop/shop-prod/halfway-1.war", on_failure="hold"))
    assert ended.state is State.FAILED
    assert "; of 4 instances 3 have halfway-1, 1 has " in ended.reason
    assert shop.ended(PROD, shop.drop("shop/shop-prod/healed-2.war")).state is State.SUCCEEDED
    assert shop.instances(PROD) == ["healed-2"] * 4


def test_health_that_stays_bad_condemns_though_beanstalk_calls_the_update_a_success(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bad_for: 1s, on_failure: hold}]")
    shop.fault("health", environment=STAGING, status="Severe", cause="The disk is full.")
    ended = shop.ended(STAGING, shop.drop("shop/shop-staging/ill-1.war"))
    assert ended.state is State.FAILED
    assert ended.reason.startswith("health is Severe")
    assert ended.timers.unacceptable is not None
    assert ended.timers.unacceptable.looks >= 2


def test_health_that_gets_well_in_time_condemns_nothing(shop: Shop) -> None:
    shop.fault("health", environment=STAGING, status="Severe", cause="It is warming up.")
    dropped = shop.drop("shop/shop-staging/warming-1.war")

    def is_looked_after() -> bool:
        deployment = shop.deployment(STAGING, shop.deployment_id(dropped))
        return deployment is not None and deployment.timers.unacceptable is not None

    shop.cloud.eventually(is_looked_after, 30)
    shop.cloud.control("DELETE", "/faults")
    assert shop.ended(STAGING, dropped).state is State.SUCCEEDED


def test_a_bundle_overwritten_between_drop_and_deploy_is_refused(shop: Shop) -> None:
    before = shop.environment(STAGING)["VersionLabel"]
    with shop.busy():
        dropped = shop.drop("shop/shop-staging/forged-1.war")
        release = shop.waiting(STAGING, dropped).release
        shop.s3.delete_object(Bucket=release.bucket, Key=release.key)  # the bucket refuses an overwrite
        shop.s3.put_object(Bucket=release.bucket, Key=release.key, Body=sound_war("forged"), IfNoneMatch="*")
    ended = shop.ended(STAGING, dropped)
    assert ended.state is State.FAILED
    assert ended.reason == f"forged-1 cannot be deployed: its bundle {release.place} has been overwritten"
    assert shop.environment(STAGING)["VersionLabel"] == before
    assert "forged-1" not in shop.instances(STAGING)


def test_a_throttled_beanstalk_only_takes_longer(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/throttled-1.war")
    shop.deployment_id(dropped)
    shop.fault("throttle", rate=0.3, seed=7)
    assert shop.ended(STAGING, dropped).state is State.SUCCEEDED


def test_a_call_that_stays_throttled_is_left_to_the_next_look(shop: Shop) -> None:
    """Were it a failure of the function, its message would hold up the environment for a minute and a half."""
    with_retries = 3
    shop.fault("throttle", action="DescribeInstancesHealth", times=with_retries)
    shop.fault("throttle", action="DescribeEvents", times=with_retries)
    shop.fault("throttle", action="UpdateEnvironment", times=1)
    ended = shop.ended(STAGING, shop.drop("shop/shop-staging/refused-1.war"))
    assert ended.state is State.SUCCEEDED
    assert [moment.reason for moment in ended.history].count("Rate exceeded") == 1
    assert "deployment_waiting" in shop.alert_kinds(deployment=ended.id)
    assert all(fault["struck"] == fault["times"] for fault in shop.cloud.control("GET", "/faults"))


def test_a_drop_of_the_same_version_heals_the_mixed_fleet_that_an_abort_left(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-prod, bake: 0s, approval: none, on_failure: hold}]")
    before, war = shop.environment(PROD)["VersionLabel"], sound_war("aborted")
    dropped = shop.drop("shop/shop-prod/aborted-1.war", war)
    shop.cloud.eventually(lambda: "aborted-1" in shop.instances(PROD), PATIENCE_SECONDS)
    shop.beanstalk.abort_environment_update(EnvironmentName=PROD)
    ended = shop.ended(PROD, dropped)
    assert ended.state is State.FAILED
    assert set(shop.instances(PROD)) == {"aborted-1", before}, "Beanstalk leaves it mixed, and so does on_failure"
    assert shop.ledger.environments.read(PROD).standing.quarantined == [], "the version is not to blame"
    again = shop.ended(PROD, shop.drop("shop/shop-prod/aborted-1.war", war))
    assert (again.label, again.state) == ("aborted-1", State.SUCCEEDED)
    assert shop.instances(PROD) == ["aborted-1"] * 4
