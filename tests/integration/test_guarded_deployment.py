"""The guard of bundles whose `.ebextensions` replace instances, on the stand-in, by the real functions."""

import json

from tests.integration.shop import APPLICATION, STAGING, Shop, archive
from tests.integration.test_run_command import ask
from wardrop.deployments.state import State

LAUNCH = "aws:autoscaling:launchconfiguration"
GUARDED = "environments: [{name: shop-staging, bake: 0s, guard: %s}]"


def war(text: str, instance_type: str) -> bytes:
    """A WAR that sets the instance type. Its configuration file is JSON with tabs, as some editors write it."""
    file = json.dumps({"option_settings": {LAUNCH: {"InstanceType": instance_type}}}, indent="\t")
    return archive(
        {"index.html": f"<h1>{text}</h1>\n", "WEB-INF/web.xml": "<web-app/>", ".ebextensions/a.config": file}
    )


def instance_ids(shop: Shop) -> set[str]:
    health = shop.beanstalk.describe_instances_health(EnvironmentName=STAGING, AttributeNames=["All"])
    return {instance["InstanceId"] for instance in health["InstanceHealthList"]}


def test_a_war_whose_settings_replace_the_instances_is_announced_before_the_update_starts(shop: Shop) -> None:
    shop.configure(APPLICATION, GUARDED % "alert")
    assert (
        shop.await_end(STAGING, shop.drop("shop/shop-staging/typed-1.war", war("1", "t3.small"))).state
        is State.SUCCEEDED
    )
    before = instance_ids(shop)
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/typed-2.war", war("2", "t3.medium")))
    assert ended.state is State.SUCCEEDED
    assert not instance_ids(shop) & before
    assert shop.alert_kinds(deployment=ended.id) == [
        "deployment_queued",
        "deployment_replaces_instances",
        "deployment_started",
        "deployment_succeeded",
    ]
    [alert] = shop.alerts(deployment=ended.id, kind="deployment_replaces_instances")
    assert alert["text"] == (
        "shop-staging is Ready: typed-2 replaces typed-1; all 2 instances are replaced at once: downtime; "
        f".ebextensions change {LAUNCH}:InstanceType from t3.small to t3.medium"
    )
    actions = [call["action"] for call in shop.calls() if call["principal"] == "AdvanceDeployment"]
    update = len(actions) - 1 - actions[::-1].index("UpdateEnvironment")
    assert actions[update - 1 : update + 2] == ["TransactWriteItems", "UpdateEnvironment", "TransactWriteItems"]


def test_with_guard_abort_a_deployment_waits_for_approval_before_it_replaces_instances(shop: Shop) -> None:
    shop.configure(APPLICATION, GUARDED % "abort")
    dropped = shop.drop("shop/shop-staging/asked-1.war", war("asked", "m5.large"))
    deployment_id = shop.deployment_id(dropped)

    def reason_of_waiting() -> str | None:
        deployment = shop.deployment(STAGING, deployment_id)
        return deployment.reason if deployment and deployment.state is State.AWAITING_APPROVAL else None

    reason = shop.cloud.eventually(reason_of_waiting)
    assert reason is not None
    assert reason.startswith("asked-1 waits to be approved for shop-staging: ")
    assert "InstanceType" in reason
    assert "all 2 instances are replaced at once: downtime" in reason
    running, before = shop.environment(STAGING), instance_ids(shop)
    assert (running["Status"], running["VersionLabel"]) != ("Updating", "asked-1")
    status, _ = ask(shop, command="approve", environment=STAGING, label="asked-1")
    assert status == 200
    ended = shop.await_end(STAGING, dropped)
    assert (ended.state, ended.approval and ended.approval.by) == (State.SUCCEEDED, "test")
    assert not instance_ids(shop) & before
    kinds = shop.alert_kinds(deployment=ended.id)
    assert kinds == [
        "deployment_queued",
        "deployment_awaiting_approval",
        "deployment_approved",
        "deployment_started",
        "deployment_succeeded",
    ]
