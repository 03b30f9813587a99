"""Requests through the function URL, and the deployments that they lead to."""

import json
import urllib.error
import urllib.request
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.settings import REGION
from tests.integration.shop import APPLICATION, PROD, STAGING, Shop, archive
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

STAGED = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod, bake: 0s}]"


def ask(shop: Shop, **request: Any) -> tuple[int, Any]:
    url, body = shop.cloud.outputs["RunCommandUrl"], json.dumps(request).encode()
    request_to_sign = AWSRequest("POST", url, {"Content-Type": "application/json"}, body)
    SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(request_to_sign)
    signed = urllib.request.Request(url, body, dict(request_to_sign.headers.items()))  # noqa: S310 - the stand-in's own
    try:
        with urllib.request.urlopen(signed, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def await_end(shop: Shop, environment: str, deployment_id: str) -> Deployment:
    """Waits until the deployment has ended, and returns it."""

    def find_ended() -> Deployment | None:
        deployment = shop.deployment(environment, deployment_id)
        return None if deployment is None or deployment.is_active else deployment

    deployment = shop.cloud.eventually(find_ended)
    assert deployment is not None
    return deployment


def test_a_promoted_version_is_deployed_when_it_is_approved(shop: Shop) -> None:
    shop.configure(APPLICATION, STAGED)
    assert shop.await_end(STAGING, shop.drop("shop/approved-1.war")).state is State.SUCCEEDED

    def find_waiting() -> str | None:
        _, answer = ask(shop, command="status", of=PROD)
        deployments = answer["environments"][0]["deployments"]
        ids = [deployment["id"] for deployment in deployments if deployment["state"] == State.AWAITING_APPROVAL]
        return next(iter(ids), None)

    deployment_id = shop.cloud.eventually(find_waiting)
    assert deployment_id is not None
    status, answer = ask(shop, command="approve", environment=PROD, label="approved-1")
    assert (status, answer["text"]) == (200, "approved-1 is approved for shop-prod by test")
    deployment = await_end(shop, PROD, deployment_id)
    assert (deployment.state, deployment.approval and deployment.approval.by) == (State.SUCCEEDED, "test")
    assert shop.instances(PROD) == ["approved-1"] * 4


def test_a_requested_rollback_holds_later_drops_until_the_environment_is_resumed(shop: Shop) -> None:
    for label in ("earlier-1", "later-1"):
        assert shop.await_end(STAGING, shop.drop(f"shop/shop-staging/{label}.war")).state is State.SUCCEEDED
    status, answer = ask(shop, command="rollback", environment=STAGING, because="errors")
    assert status == 200
    assert await_end(shop, STAGING, answer["deployment"]).state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["earlier-1"] * 2
    deployment_id = shop.deployment_id(shop.drop("shop/shop-staging/held-1.war"))

    def is_held() -> bool:
        deployment = shop.deployment(STAGING, deployment_id)
        return bool(deployment and "shop-staging has been held since" in deployment.reason)

    shop.cloud.eventually(is_held)
    status, answer = ask(shop, command="resume", environment=STAGING)
    assert status == 200
    assert await_end(shop, STAGING, deployment_id).state is State.SUCCEEDED


def test_a_quarantined_version_is_deployed_again_only_by_a_request_with_its_label(shop: Shop) -> None:
    bad = archive({"WEB-INF/web.xml": "<web-app/>", "by": "name"})
    dropped = shop.await_end(STAGING, shop.drop("shop/shop-staging/named-1.war", bad))
    assert dropped.state is State.ROLLED_BACK, dropped.reason
    status, answer = ask(shop, command="deploy", environment=STAGING, label="named-1")
    assert status == 200
    assert "its quarantine is lifted" in answer["text"]
    assert await_end(shop, STAGING, answer["deployment"]).state is State.ROLLED_BACK


def test_an_impossible_request_is_refused_with_advice(shop: Shop) -> None:
    for request, status in (
        ({"command": "deploy", "environment": STAGING, "label": "nothing-9"}, 404),
        ({"command": "approve", "environment": STAGING, "label": "shop-0"}, 409),
        ({"command": "reboot"}, 400),
    ):
        answered, answer = ask(shop, **request)
        assert (answered, answer["answer"]) == (status, "refusal")
        assert answer["reason"]
        assert answer["advice"]
    assert shop.ledger.environments.read(STAGING).deployments == []


def test_the_lists_of_the_configuration_decide_who_may_send_which_request(shop: Shop) -> None:
    shop.configure(APPLICATION, 'operators: ["arn:aws:iam::*:role/operators"]')
    status, answer = ask(shop, command="pause", environment=STAGING)
    assert (status, answer["code"]) == (403, "forbidden")
    assert ask(shop, command="status", of=STAGING)[0] == 200
    shop.configure(APPLICATION, 'operators: ["arn:aws:iam::*:user/test"]')
    assert ask(shop, command="pause", environment=STAGING)[0] == 200
    assert ask(shop, command="resume", environment=STAGING)[0] == 200


def test_a_deleted_configuration_stays_in_force_until_a_person_forgets_it(shop: Shop) -> None:
    shop.configure(APPLICATION, STAGED)
    assert ask(shop, command="config forget", application=APPLICATION)[0] == 409
    shop.ssm.delete_parameter(Name=f"/wardrop/applications/{APPLICATION}")

    def source() -> str:
        [configuration] = ask(shop, command="status", of=APPLICATION)[1]["configurations"]
        return str(configuration["source"])

    assert source() == "last_good"
    status, answer = ask(shop, command="config forget", application=APPLICATION)
    assert (status, source()) == (200, "defaults")
    assert "the defaults are in force, so deployments that are queued from now on need no approval" in answer["text"]


def test_a_plan_states_the_effect_of_settings_and_changes_nothing(shop: Shop) -> None:
    launch = "aws:autoscaling:launchconfiguration"
    before = shop.beanstalk.describe_configuration_settings(ApplicationName=APPLICATION, EnvironmentName=PROD)
    status, answer = ask(shop, command="plan", environment=PROD, settings=[f"{launch}:InstanceType=m5.large"])
    assert (status, answer["outcome"], answer["exit_code"]) == (200, "replaces", 10)
    assert answer["sentence"] == "all 4 instances are replaced at once: downtime"
    _, answer = ask(shop, command="plan", environment=PROD, settings=[f"{launch}:InstanceType=t3.micro "])
    assert (answer["sentence"], answer["exit_code"]) == ("nothing changes", 0)
    _, answer = ask(shop, command="plan", environment=PROD, settings=[f"{launch}:InstanceSize=large"])
    assert answer["exit_code"] == 8
    assert answer["sentence"].endswith(
        f"(Namespace: '{launch}', OptionName: 'InstanceSize'): Unknown configuration setting."
    )
    after = shop.beanstalk.describe_configuration_settings(ApplicationName=APPLICATION, EnvironmentName=PROD)
    assert after["ConfigurationSettings"] == before["ConfigurationSettings"]
