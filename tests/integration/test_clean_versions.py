"""Clean-up on the stand-in with the permissions of its role, after a request and for a full quota of versions."""

from datetime import UTC, datetime
from typing import Any

from local.beanstalk.seed import sound_war
from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Shop
from tests.integration.test_run_command import ask
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.deployments.state import State

TIGHT = UNBAKED + "versions: {keep_last: 0, keep_for: 0s, keep_good_per_environment: 1}\n"


def marks(shop: Shop) -> Marks:
    return Marks(Table(shop.cloud.client("dynamodb"), shop.cloud.outputs["LedgerTable"]))


def clean(shop: Shop) -> str:
    """Requests a clean-up and waits until it has ended. Returns the text of its alert."""
    before = {alert["alert_id"] for alert in shop.alerts(kind="versions_cleaned")}
    status, answer = ask(shop, command="clean")
    assert (status, answer["answer"]) == (200, "done")

    def texts() -> Any:
        return [alert["text"] for alert in shop.alerts(kind="versions_cleaned") if alert["alert_id"] not in before]

    [text] = shop.cloud.eventually(texts)
    shop.cloud.eventually(lambda: shop.ledger.clean_ups.read().running_until is None)
    return str(text)


def labels(shop: Shop, prefix: str) -> set[str]:
    versions = shop.beanstalk.describe_application_versions(ApplicationName=APPLICATION)["ApplicationVersions"]
    return {version["VersionLabel"] for version in versions if version["VersionLabel"].startswith(prefix)}


def bundles(shop: Shop, name: str) -> list[Any]:
    """The object versions and delete markers of a bundle in the release bucket."""
    listed = shop.s3.list_object_versions(Bucket=shop.releases, Prefix=f"{APPLICATION}/")
    every = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
    return [listing for listing in every if listing["Key"].endswith(f"/{name}.war")]


def test_old_versions_are_deleted_with_their_bundles_as_planned_and_later_drops_of_their_content_get_their_labels(
    shop: Shop,
) -> None:
    bodies = {label: sound_war(label) for label in ("tidy-1", "tidy-2", "tidy-3")}
    for label, body in bodies.items():
        assert shop.await_end(STAGING, shop.drop(f"shop/shop-staging/{label}.war", body)).state is State.SUCCEEDED
    shop.make_version("tidy-theirs", sound_war("theirs"))
    assert ask(shop, command="pin", application=APPLICATION, label="tidy-2")[0] == 200
    clean(shop)  # Otherwise the daily clean-up might run during the test.
    shop.configure(APPLICATION, TIGHT)

    status, plan = ask(shop, command="clean", dry_run=True, application=APPLICATION)
    assert status == 200, [line.get("exception") for line in shop.log("RunCommand")[-3:]]
    tidy = {
        decision["label"]: (decision["action"], decision["reason"])
        for decision in plan["decisions"]
        if decision["label"].startswith("tidy")
    }
    assert tidy["tidy-1"] == ("delete", f"no retention rule keeps it; it was created on {datetime.now(UTC):%Y-%m-%d}")
    assert tidy["tidy-2"] == ("keep", "test pinned it")
    assert tidy["tidy-3"] == ("keep", "shop-staging runs it")
    assert tidy["tidy-theirs"] == ("keep", "Wardrop did not create it, and `scope` is `own`")
    assert len(bundles(shop, "tidy-1")) == 1

    text = clean(shop)
    assert text.startswith("clean-up, requested by test, deleted ")
    assert labels(shop, "tidy") == {"tidy-2", "tidy-3", "tidy-theirs"}
    assert bundles(shop, "tidy-1") == []
    assert (len(bundles(shop, "tidy-2")), len(bundles(shop, "tidy-3"))) == (1, 1)

    again = shop.drop("shop/shop-staging/tidy-renamed-7.war", bodies["tidy-1"])
    ended = shop.await_end(STAGING, again)
    assert (ended.state, ended.label) == (State.SUCCEEDED, "tidy-1")
    assert shop.instances(STAGING) == ["tidy-1"] * 2
    other = shop.await_end(STAGING, shop.drop("shop/shop-staging/tidy-1.war", sound_war("other bytes")))
    assert other.label.startswith("tidy-1-")
    ask(shop, command="unpin", application=APPLICATION, label="tidy-2")


def test_a_clean_up_that_is_throttled_during_a_deployment_is_finished_later(shop: Shop) -> None:
    for label in ("busy-1", "busy-2"):
        assert shop.await_end(STAGING, shop.drop(f"shop/shop-staging/{label}.war")).state is State.SUCCEEDED
    shop.configure(APPLICATION, TIGHT)
    for action in ("DeleteApplicationVersion", "DescribeAccountAttributes", "DescribeApplicationVersions"):
        shop.fault("throttle", action=action, rate=0.2, seed=3)
    with shop.foreign_update():
        clean(shop)
        assert labels(shop, "busy") == {"busy-1", "busy-2"}
    shop.await_ready()
    for _ in range(5):
        clean(shop)
        if labels(shop, "busy") == {"busy-2"}:
            break
    assert labels(shop, "busy") == {"busy-2"}
    shop.cloud.control("DELETE", "/faults")
    repaired = shop.await_end(STAGING, shop.drop("shop/shop-staging/busy-3.war"))  # The abort left a mixed fleet.
    assert repaired.state is State.SUCCEEDED


def test_a_version_that_remains_after_its_deletion_is_reported_and_deleted_later(shop: Shop) -> None:
    shop.configure(APPLICATION, TIGHT)
    for number in (1, 2):
        assert shop.await_end(STAGING, shop.drop(f"shop/shop-staging/stays-{number}.war")).state is State.SUCCEEDED
    shop.fault("deletion-ignored", label="stays-1")
    clean(shop)
    assert labels(shop, "stays") == {"stays-1", "stays-2"}
    record = shop.ledger.versions.find(APPLICATION, "stays-1")
    assert record is not None
    assert record.marked_at is None
    shop.cloud.control("DELETE", "/faults")
    clean(shop)
    assert labels(shop, "stays") == {"stays-2"}


def test_a_drop_that_finds_the_quota_full_waits_for_a_clean_up_and_is_received(shop: Shop) -> None:
    shop.fault("quota-full", times=2)  # at the drop, and at the clean-up
    with shop.without_s3_events():
        dropped = shop.drop("shop/shop-staging/late-1.war")
    before = shop.ledger.clean_ups.read().completed
    shop.put_event(dropped.event())

    def has_cleaned() -> bool:
        last = shop.ledger.clean_ups.read().completed
        return last is not None and last != before

    shop.cloud.eventually(has_cleaned, 60)
    assert shop.ledger.receipts.find(dropped.id) is None
    shop.cloud.control("DELETE", "/faults")
    shop.put_event(dropped.event())  # The queue would deliver the event again only after six minutes.
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    shop.sqs.purge_queue(QueueUrl=shop.cloud.resources["Drops"]["ref"])


def test_the_function_clean_versions_has_the_rights_that_it_needs(shop: Shop) -> None:
    clean(shop)
    actions = {
        call["action"] for call in shop.calls() if call["principal"] == "CleanVersions" and call["status"] == 200
    }
    assert {"DescribeEnvironments", "DescribeApplicationVersions", "ListObjectVersions"} <= actions
    invoked = [call for call in shop.calls() if call["action"] == "Invoke" and call["principal"] == "RunCommand"]
    assert invoked
