"""A stack that adopts the ledger and the release bucket of a deleted stack."""

from local.cloud import Cloud
from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Shop
from tests.integration.test_run_command import ask, await_end
from wardrop.deployments.state import State


def test_a_new_stack_has_the_history_of_the_deleted_one_and_rolls_back_to_its_versions() -> None:
    with Cloud(speed=600) as cloud:
        first = Shop(cloud)
        first.configure(APPLICATION, UNBAKED)
        for label in ("adopted-1", "adopted-2"):
            assert first.await_end(STAGING, first.drop(f"shop/shop-staging/{label}.war")).state is State.SUCCEEDED
        cloud.eventually(lambda: first.alerts() and not any("active" in alert for alert in first.alerts()))
        messages = len(cloud.control("GET", "/slack/messages"))
        before = cloud.outputs

        installed = cloud.control("POST", "/stack", {"adopt": ["Ledger", "ReleaseBucket"]})
        cloud.outputs, cloud.resources = installed["outputs"], installed["resources"]
        kept = {name for name in before if before[name] == cloud.outputs[name]}
        assert kept == {"LedgerTable", "ReleaseBucket"}
        second = Shop(cloud)
        status, answer = ask(second, command="history", environment=STAGING)
        assert (status, [deployment["label"] for deployment in answer["deployments"]]) == (
            200,
            ["adopted-2", "adopted-1"],
        )
        assert len(cloud.control("GET", "/slack/messages")) == messages, "an alert was sent again"

        status, answer = ask(second, command="rollback", environment=STAGING)
        assert (status, await_end(second, STAGING, answer["deployment"]).state) == (200, State.SUCCEEDED)
        assert set(second.instances(STAGING)) == {"adopted-1"}
        ask(second, command="resume", environment=STAGING)  # The rollback by a person holds the environment.
        assert second.await_end(STAGING, second.drop("shop/shop-staging/adopted-3.war")).label == "adopted-3"
        second.settle()
        assert (second.dead_letters(), second.forbidden_calls()) == ({}, [])
