"""Checks on the stand-in: requests to the CNAME, and a Lambda function of the user."""

import io
import zipfile

from tests.integration.shop import APPLICATION, STAGING, Shop, archive
from wardrop.deployments.state import State

BY_REQUEST = "environments: [{name: shop-staging, bake: 1s, checks: [{http: /health, contains: UP, within: 2s}]}]"
BY_FUNCTION = "environments: [{name: shop-staging, bake: 0s, checks: [{function: shop-smoke-test}]}]"
SOUND = {"WEB-INF/web.xml": "<web-app/>", "index.html": "<h1>shop</h1>"}
FUNCTION = """
def handler(event, context):
    if "broken" in event["version_label"]:
        return {"result": "failed", "reason": f"no orders at {event['url']}"}
    return {"result": "passed", "reason": f"{event['version_label']} replaces {event['previous_version_label']}"}
"""


def with_health(text: str) -> bytes:
    return archive(SOUND | {"health": text})


def test_a_version_whose_health_page_is_wrong_is_rolled_back_with_the_answer_as_the_reason(shop: Shop) -> None:
    shop.configure(APPLICATION, BY_REQUEST)
    sound = shop.await_end(STAGING, shop.drop("shop/shop-staging/checked-1.war", with_health("UP")))
    assert sound.state is State.SUCCEEDED
    assert '; the check http /health answered 200 with "UP", for ' in sound.reason
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/checked-2.war", with_health("DOWN: no database")))
    assert ended.state is State.ROLLED_BACK
    reason = 'the check http /health answered 200 without "UP": "DOWN: no database", 3 times in a row'
    assert ended.reason.startswith(reason)
    assert shop.instances(STAGING) == ["checked-1", "checked-1"]
    [alert] = shop.alerts(deployment=ended.id, kind="deployment_rolling_back")
    assert alert["text"].startswith(reason)
    quarantined = shop.ledger.environments.read(STAGING).standing.quarantined
    assert [version.label for version in quarantined] == ["checked-2"]


def test_an_environment_that_no_longer_answers_is_rolled_back(shop: Shop) -> None:
    shop.configure(APPLICATION, BY_REQUEST)
    assert (
        shop.await_end(STAGING, shop.drop("shop/shop-staging/answers-1.war", with_health("UP"))).state
        is State.SUCCEEDED
    )
    dropped = shop.drop("shop/shop-staging/answers-2.war", with_health("UP"))
    shop.cloud.eventually(lambda: shop.environment(STAGING)["Status"] == "Updating")
    shop.fault("http", environment=STAGING, seconds=3)
    shop.await_deployment(STAGING, dropped, lambda deployment: deployment.state is State.ROLLING_BACK)
    shop.cloud.control("DELETE", "/faults")
    ended = shop.await_end(STAGING, dropped)
    assert ended.state is State.ROLLED_BACK
    assert ended.reason.startswith("the check http /health did not answer within 2s, 3 times in a row")


def test_a_function_decides_about_a_version(shop: Shop) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("smoke.py", FUNCTION)
    shop.cloud.client("lambda").create_function(
        FunctionName="shop-smoke-test",
        Runtime="python3.13",
        Handler="smoke.handler",
        Role=shop.cloud.resources["AdvanceDeploymentRole"]["Arn"],
        Code={"ZipFile": code.getvalue()},
    )
    shop.configure(APPLICATION, BY_FUNCTION)
    before = shop.environment(STAGING)["VersionLabel"]
    sound = shop.await_end(STAGING, shop.drop("shop/shop-staging/smoked-1.war"))
    assert sound.state is State.SUCCEEDED
    assert f'the check function shop-smoke-test answered passed: "smoked-1 replaces {before}"' in sound.reason
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/broken-2.war"))
    assert ended.state is State.ROLLED_BACK
    cname = "shop-staging.us-east-1.elasticbeanstalk.com"
    assert ended.reason.startswith(
        f'the check function shop-smoke-test answered failed: "no orders at http://{cname}"; '
    )
