"""The planned deletions of a clean-up, and their order."""

from tests.unit.samples import NOW, release
from tests.unit.versions.samples import application, days, key, listed, record, stored
from wardrop.versions.inventory import ApplicationInventory, RegionInventory, StoredBundle
from wardrop.versions.plan import BATCH_SIZE, batches, decide_all, plan


def region(*applications: ApplicationInventory, bundles: list[StoredBundle] | None = None) -> RegionInventory:
    versions = [version for application in applications for version in application.versions]
    return RegionInventory(1000, versions, "releases", bundles or [], applications)


def test_the_application_with_the_oldest_version_comes_first():
    mall_key = key("m", "mall")
    records = {"m": record("m", release=release(key=mall_key))}
    mall = application(listed("m", 90, application="mall", key=mall_key), name="mall", records=records)
    shop = application(listed("new", 40), listed("old", 80))
    ordered = [
        [decision.label for decision in batch.decisions] for batch in batches(decide_all(region(shop, mall), NOW))
    ]
    assert ordered == [["m"], ["old", "new"]]


def test_a_batch_has_a_limited_size():
    versions = [listed(f"v{number:03}", 500 - number) for number in range(BATCH_SIZE + 1)]
    sizes = [len(batch.decisions) for batch in batches(decide_all(region(application(*versions)), NOW))]
    assert sizes == [BATCH_SIZE, 1]


def test_versions_that_are_kept_or_blocked_are_in_no_batch():
    blocked = application(listed("old"), rules=None)
    kept = application(listed("live"))
    assert list(batches(decide_all(region(blocked, kept), NOW))) == []


def test_a_plan_has_a_decision_for_each_version_and_counts_what_would_go():
    versions = [listed("old", 50), listed("live", 40), listed("theirs", 30, key="theirs.war")]
    records = {label: record(label) for label in ("old", "live")}
    bundles = [stored("old", modified_at=NOW), stored("live"), stored("orphan", modified_at=NOW - days(8))]
    planned = plan(region(application(*versions, records=records), bundles=bundles), NOW)
    assert [(decision.label, decision.action.value, decision.reserved) for decision in planned.decisions] == [
        ("old", "delete", True),
        ("live", "keep", True),
        ("theirs", "keep", False),
    ]
    assert (planned.quota, planned.versions, planned.versions_to_delete) == (1000, 3, 1)
    assert (planned.bundles_to_delete, planned.bytes_to_free) == (2, 14)
