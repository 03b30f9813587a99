"""What people ask for through the function's URL, and what becomes of it."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.settings import REGION
from tests.integration.shop import APPLICATION, PROD, STAGING, Shop, archive
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

pytestmark = pytest.mark.xdist_group("shop-2")

STAGED = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod, bake: 0s}]"


def ask(shop: Shop, **request: Any) -> tuple[int, Any]:
    url, body = shop.cloud.outputs["RunCommandUrl"], json.dumps(request).encode()
    signed = AWSRequest("POST", url, {"Content-Type": "application/json"}, body)
    SigV4Auth(Credentials("test", "test"), "lambda", REGION).add_auth(signed)
    sent = urllib.request.Request(url, body, dict(signed.headers.items()))  # noqa: S310 - the stand-in's own
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def ended(shop: Shop, environment: str, its_id: str) -> Deployment:
    def look() -> Deployment | None:
        found = shop.deployment(environment, its_id)
        return None if found is None or found.is_active else found

    found = shop.cloud.eventually(look, 30)
    assert found is not None
    return found


def test_what_is_promoted_is_approved_and_goes_live(shop: Shop) -> None:
    shop.configure(APPLICATION, STAGED)
    assert shop.ended(STAGING, shop.drop("shop/approved-1.war")).state is State.SUCCEEDED

    def waits() -> str | None:
        _, told = ask(shop, command="status", of=PROD)
        return next((one["id"] for one in told["environments"][0]["deployments"] if "awaiting" in one["state"]), None)

    its_id = shop.cloud.eventually(waits, 30)
    assert its_id is not None
    status, told = ask(shop, command="approve", environment=PROD, label="approved-1")
    assert (status, told["text"]) == (200, "approved-1 is approved for shop-prod by test")
    found = ended(shop, PROD, its_id)
    assert (found.state, found.approved_by) == (State.SUCCEEDED, "test")
    assert shop.instances(PROD) == ["approved-1"] * 4


def test_a_rollback_by_hand_holds_later_drops_until_it_is_resumed(shop: Shop) -> None:
    for label in ("earlier-1", "later-1"):
        assert shop.ended(STAGING, shop.drop(f"shop/shop-staging/{label}.war")).state is State.SUCCEEDED
    status, told = ask(shop, command="rollback", environment=STAGING, because="errors")
    assert status == 200
    assert ended(shop, STAGING, told["deployment"]).state is State.SUCCEEDED
    assert shop.instances(STAGING) == ["earlier-1"] * 2
    dropped = shop.drop("shop/shop-staging/held-1.war")
    its_id = shop.started(dropped)

    def held() -> bool:
        deployment = shop.deployment(STAGING, its_id)
        return bool(deployment and "shop-staging is held since" in deployment.reason)

    shop.cloud.eventually(held, 30)
    status, told = ask(shop, command="resume", environment=STAGING)
    assert status == 200
    assert ended(shop, STAGING, its_id).state is State.SUCCEEDED


def test_a_quarantined_version_comes_back_by_name_alone(shop: Shop) -> None:
    bad = archive({"WEB-INF/web.xml": "<web-app/>", "by": "name"})
    taken_back = shop.ended(STAGING, shop.drop("shop/shop-staging/named-1.war", bad))
    assert taken_back.state is State.ROLLED_BACK, taken_back.reason
    status, told = ask(shop, command="deploy", environment=STAGING, label="named-1")
    assert status == 200
    assert "its quarantine is lifted" in told["text"]
    assert ended(shop, STAGING, told["deployment"]).state is State.ROLLED_BACK


def test_what_makes_no_sense_is_refused_with_what_to_do(shop: Shop) -> None:
    for request, status in (
        ({"command": "deploy", "environment": STAGING, "label": "nothing-9"}, 404),
        ({"command": "approve", "environment": STAGING, "label": "shop-0"}, 409),
        ({"command": "reboot"}, 400),
    ):
        found, told = ask(shop, **request)
        assert (found, told["answer"]) == (status, "refusal")
        assert told["reason"]
        assert told["advice"]
    assert shop.ledger.now(STAGING).deployments == []
