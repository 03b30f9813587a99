"""Deployments on the stand-in, from the queue to their end, by the real functions."""

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

PATH = ("ReceiveDrop", "AdvanceDeployment")
CALLS_TO_UPDATE, CALLS_TO_BEANSTALK = 22, 6
UNANSWERING = {"WEB-INF/web.xml": "<web-app/>"}


def test_a_rolling_deploy_is_proven_on_every_instance_and_reported(shop: Shop) -> None:
    shop.await_end(PROD, shop.drop("shop/shop-prod/rolled-0.war"))
    dropped = shop.drop("shop/shop-prod/rolled-1.war", dropped_by="jenkins")
    ended = shop.await_end(PROD, dropped)
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


def test_few_calls_lead_from_a_drop_to_the_update(shop: Shop) -> None:
    """Before the drop, the ledger has the settings of the environment, as it has after a tick.

    A sweep of the drop bucket may run at the same time. Its calls are not counted.
    """
    assert shop.await_end(STAGING, shop.drop("shop/shop-staging/counted-0.war")).state is State.SUCCEEDED
    beanstalk = Beanstalk(shop.beanstalk)
    environment, settings = beanstalk.all_environments()[STAGING], beanstalk.settings(APPLICATION, STAGING)
    shop.ledger.environments.keep_settings(STAGING, read_settings(settings, environment, datetime.now(UTC)))
    before = len(shop.calls())
    dropped = shop.drop("shop/shop-staging/counted-1.war")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    calls = [call for call in shop.calls()[before:] if call["principal"] in PATH]
    sweeps = {call["trace"] for call in calls if call["action"] == "ListObjectVersions"}
    path = [call for call in calls if call["trace"] not in sweeps]
    updates = [number for number, call in enumerate(path) if call["action"] == "UpdateEnvironment"]
    assert len(updates) == 1
    until = path[: updates[0] + 1]
    assert len(until) <= CALLS_TO_UPDATE, " ".join(call["action"] for call in until)
    assert sum(call["service"] == "elasticbeanstalk" for call in until) <= CALLS_TO_BEANSTALK


def test_a_deployment_waits_for_somebody_elses_update_and_says_so(shop: Shop) -> None:
    with shop.foreign_update():
        dropped = shop.drop("shop/shop-staging/patient-1.war")
        waiting = shop.await_waiting(STAGING, dropped)
        assert waiting.state is State.QUEUED
        assert waiting.reason == "shop-staging is Updating; Wardrop waits until it is Ready"
    ended = shop.await_end(STAGING, dropped)
    assert ended.state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["patient-1", "patient-1"]
    kinds = shop.alert_kinds(deployment=ended.id)
    assert kinds[:2] == ["deployment_queued", "deployment_waiting"]
    assert kinds[-2:] == ["deployment_started", "deployment_succeeded"]


def test_only_the_newest_of_several_waiting_drops_is_deployed(shop: Shop) -> None:
    with shop.foreign_update():
        drops = [shop.drop(f"shop/shop-staging/crowd-{number}.war") for number in (1, 2, 3)]
        superseded = [shop.await_end(STAGING, dropped) for dropped in drops[:2]]
        shop.await_waiting(STAGING, drops[2])
    assert [deployment.state for deployment in superseded] == [State.SUPERSEDED] * 2
    assert all("was uploaded after crowd-" in deployment.reason for deployment in superseded)
    assert shop.alert_kinds(deployment=superseded[0].id)[-1] == "deployment_superseded"
    assert shop.await_end(STAGING, drops[2]).state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["crowd-3", "crowd-3"]


def test_two_drops_in_quick_succession_end_with_the_newer_one_running(shop: Shop) -> None:
    """The first deployment may start before the second drop arrives. Then it ends before the second starts."""
    first = shop.drop("shop/shop-staging/quick-1.war")
    second = shop.drop("shop/shop-staging/quick-2.war")
    assert shop.await_end(STAGING, second).state is State.SUCCEEDED
    assert shop.await_end(STAGING, first).state in (State.SUPERSEDED, State.SUCCEEDED)
    assert shop.instances(STAGING) == ["quick-2", "quick-2"]


def test_a_deployment_succeeds_after_somebody_elses_update_of_settings(shop: Shop) -> None:
    option = {"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "A", "Value": "1"}
    shop.beanstalk.update_environment(EnvironmentName=STAGING, OptionSettings=[option])
    dropped = shop.drop("shop/shop-staging/settings-1.war")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED


def without_instance_logs(reason: str) -> str:
    """The logs may arrive after the alert. Then the reason states their result, and the alert only the request."""
    return re.sub(r"; [^;]*(logs of the instances|parts of the logs)[^;]*", "", reason)


def test_a_version_that_cannot_answer_is_rolled_back_and_the_reason_names_the_instance_and_the_fleet(
    shop: Shop,
) -> None:
    sound = shop.await_end(PROD, shop.drop("shop/shop-prod/sound-1.war"))
    ended = shop.await_end(PROD, shop.drop("shop/shop-prod/mute-1.war", archive(dict(UNANSWERING))))
    assert (sound.state, ended.state) == (State.SUCCEEDED, State.ROLLED_BACK)
    assert "did not pass health check after command execution (100.0 % of the requests are erroring" in ended.reason
    assert ended.reason.startswith("Instance id(s) 'i-")
    assert "; of 4 instances, 1 has mute-1, 3 have sound-1; the deployment log" in ended.reason
    assert without_instance_logs(ended.reason) != ended.reason
    assert "; sound-1 runs again: " in ended.reason
    assert shop.instances(PROD) == ["sound-1"] * 4
    [alert] = shop.alerts(deployment=ended.id, kind="deployment_rolled_back")
    assert alert["severity"] == "error"
    assert without_instance_logs(alert["text"]) == without_instance_logs(ended.reason)
    standing = shop.ledger.environments.read(PROD).standing
    assert standing.good[0].label == "sound-1"
    assert [version.label for version in standing.quarantined] == ["mute-1"]


def test_without_a_deployment_log_the_logs_of_the_instances_name_the_cause_in_a_later_alert(shop: Shop) -> None:
    later = datetime.now(UTC) + timedelta(minutes=1)  # Wardrop ignores records from before the update.
    log = re.sub(r"\A\S+ \S+", f"{later:%d-%b-%Y %H:%M:%S}.123", (ROOT / "local/demo/failed-start.log").read_text())
    _disable_deployment_logs(shop, "true")
    try:
        shop.fault("deployment-log", environment=STAGING, text=log)
        bad = shop.drop("shop/shop-staging/unlogged-1.war", archive(dict(UNANSWERING) | {"unlogged": "u"}))
        ended = shop.await_end(STAGING, bad)
        assert ended.state is State.ROLLED_BACK
        reasons = "; ".join(moment.reason for moment in ended.history)
        assert "there is no deployment log" in reasons
        assert "Wardrop has requested the logs of the instances" in reasons
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


def test_a_drop_of_a_quarantined_version_is_rejected(shop: Shop) -> None:
    body = archive(dict(UNANSWERING) | {"quarantined": "q"})
    assert shop.await_end(STAGING, shop.drop("shop/shop-staging/quarantined-1.war", body)).state is State.ROLLED_BACK
    again = shop.receipt(shop.drop("shop/shop-staging/quarantined-again-2.war", body))
    assert again.status == "rejected"
    assert again.reason.startswith("quarantined-1 is quarantined in shop-staging: Instance id(s) 'i-")


def test_a_failure_without_an_earlier_good_version_is_not_rolled_back(shop: Shop) -> None:
    shop.fault("health", environment=STAGING, status="Severe", cause="It was unhealthy before.")
    shop.cloud.eventually(lambda: shop.environment(STAGING)["HealthStatus"] == "Severe")
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/first-bad-1.war", archive(dict(UNANSWERING))))
    assert ended.state is State.FAILED
    assert "no good version" in ended.reason


def test_all_at_once_becomes_rolling_before_the_first_deployment(shop: Shop) -> None:
    shop.set_option(STAGING, "DeploymentPolicy", "AllAtOnce")
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/careful-1.war"))
    assert shop.states(ended) == [State.QUEUED, State.PREPARING, State.DEPLOYING, State.SUCCEEDED]
    updates = [call for call in shop.calls() if call["action"] == "UpdateEnvironment" and call["principal"] != "test"]
    assert len(updates) >= 2
    preparing = next(moment for moment in ended.history if moment.state is State.PREPARING)
    assert "DeploymentPolicy=Rolling, BatchSizeType=Percentage, BatchSize=30" in preparing.reason


def test_a_version_that_is_good_in_staging_is_promoted_and_waits_for_approval(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 1s}, {name: shop-prod, bake: 0s}]")
    dropped = shop.drop("shop/promoted-1.war")
    ended = shop.await_end(STAGING, dropped)
    assert shop.states(ended)[-2:] == [State.BAKING, State.SUCCEEDED]

    def find_waiting() -> Deployment | None:
        deployments = shop.ledger.environments.read(PROD).deployments
        return next((each for each in deployments if each.state is State.AWAITING_APPROVAL), None)

    waiting = shop.cloud.eventually(find_waiting)
    assert waiting is not None
    assert waiting.reason == "promoted-1 waits to be approved for shop-prod"
    shop.ledger.write(Change([waiting.approved(APPROVAL, "approved")]))
    shop.cloud.eventually(lambda: shop.environment(PROD)["VersionLabel"] == "promoted-1")


def test_a_good_drop_repairs_the_mixed_fleet_that_a_failure_in_a_later_batch_left(shop: Shop) -> None:
    """With on-failure=hold, the failed version is not rolled back."""
    shop.fault("deploy-fails-health", environment=PROD, batch=3, times=1)
    ended = shop.await_end(PROD, shop.drop("shop/shop-prod/halfway-1.war", on_failure="hold"))
    assert ended.state is State.FAILED
    assert "; of 4 instances, 3 have halfway-1, 1 has " in ended.reason
    assert shop.await_end(PROD, shop.drop("shop/shop-prod/repaired-2.war")).state is State.SUCCEEDED
    assert shop.instances(PROD) == ["repaired-2"] * 4


def test_a_version_fails_if_health_stays_bad_although_beanstalk_reports_success(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bad_for: 1s, on_failure: hold}]")
    shop.fault("health", environment=STAGING, status="Severe", cause="The disk is full.")
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/ill-1.war"))
    assert ended.state is State.FAILED
    assert ended.reason.startswith("health is Severe")
    assert ended.timers.unacceptable is not None
    assert ended.timers.unacceptable.looks >= 2


def test_a_version_succeeds_if_health_recovers_in_time(shop: Shop) -> None:
    shop.fault("health", environment=STAGING, status="Severe", cause="It is warming up.")
    dropped = shop.drop("shop/shop-staging/warming-1.war")

    def has_found_bad_health() -> bool:
        deployment = shop.deployment(STAGING, shop.deployment_id(dropped))
        return deployment is not None and deployment.timers.unacceptable is not None

    shop.cloud.eventually(has_found_bad_health)
    shop.cloud.control("DELETE", "/faults")
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED


def test_a_bundle_overwritten_between_drop_and_deploy_is_refused(shop: Shop) -> None:
    before = shop.environment(STAGING)["VersionLabel"]
    with shop.foreign_update():
        dropped = shop.drop("shop/shop-staging/forged-1.war")
        release = shop.await_waiting(STAGING, dropped).release
        shop.s3.delete_object(Bucket=release.bucket, Key=release.key)  # the bucket refuses an overwrite
        shop.s3.put_object(Bucket=release.bucket, Key=release.key, Body=sound_war("forged"), IfNoneMatch="*")
    ended = shop.await_end(STAGING, dropped)
    assert ended.state is State.FAILED
    assert ended.reason == f"forged-1 cannot be deployed: its bundle {release.place} has been overwritten"
    assert shop.environment(STAGING)["VersionLabel"] == before
    assert "forged-1" not in shop.instances(STAGING)


def test_throttling_by_beanstalk_only_delays_a_deployment(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/throttled-1.war")
    shop.deployment_id(dropped)
    shop.fault("throttle", rate=0.3, seed=7)
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED


def test_the_next_look_repeats_a_call_that_stayed_throttled(shop: Shop) -> None:
    """The function does not fail, because its message would then block the environment for 90 seconds."""
    with_retries = 3
    shop.fault("throttle", action="DescribeInstancesHealth", times=with_retries)
    shop.fault("throttle", action="DescribeEvents", times=with_retries)
    shop.fault("throttle", action="UpdateEnvironment", times=1)
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/refused-1.war"))
    assert ended.state is State.SUCCEEDED
    assert [moment.reason for moment in ended.history].count("Rate exceeded") == 1
    assert "deployment_waiting" in shop.alert_kinds(deployment=ended.id)
    assert all(fault["struck"] == fault["times"] for fault in shop.cloud.control("GET", "/faults"))


def test_a_drop_of_the_same_version_repairs_the_mixed_fleet_that_an_abort_left(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-prod, bake: 0s, approval: none, on_failure: hold}]")
    before, war = shop.environment(PROD)["VersionLabel"], sound_war("aborted")
    dropped = shop.drop("shop/shop-prod/aborted-1.war", war)
    shop.cloud.eventually(lambda: "aborted-1" in shop.instances(PROD), PATIENCE_SECONDS)
    shop.beanstalk.abort_environment_update(EnvironmentName=PROD)
    ended = shop.await_end(PROD, dropped)
    assert ended.state is State.FAILED
    assert set(shop.instances(PROD)) == {"aborted-1", before}, (
        "neither the abort nor on_failure: hold repairs the mixed fleet"
    )
    assert shop.ledger.environments.read(PROD).standing.quarantined == [], "the abort must not quarantine the version"
    again = shop.await_end(PROD, shop.drop("shop/shop-prod/aborted-1.war", war))
    assert (again.label, again.state) == ("aborted-1", State.SUCCEEDED)
    assert shop.instances(PROD) == ["aborted-1"] * 4
