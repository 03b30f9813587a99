"""The bundles in the release bucket that no version refers to."""

from typing import Any

import pytest

from tests.unit.samples import NOW
from tests.unit.versions.samples import application, days, listed, record, stored
from wardrop.versions.bundles import unreferenced
from wardrop.versions.inventory import ApplicationInventory, RegionInventory, StoredBundle, VersionRecord
from wardrop.versions.retention import Decision, decide


def region(bundle: StoredBundle, *applications: ApplicationInventory) -> RegionInventory:
    served = applications or [application(records={})]
    return RegionInventory(1000, [], "releases", [bundle], served)


def deletions() -> list[Decision]:
    """The decision to delete the version `old`."""
    return decide(application(listed("old")), NOW)


def goes(bundle: StoredBundle, *applications: ApplicationInventory, **differs: Any) -> bool:
    given: dict[str, Any] = {"deleted": [], "remaining": [], "now": NOW} | differs
    return unreferenced(region(bundle, *applications), **given) == [bundle]


def test_the_bundle_of_a_version_that_was_deleted_now_goes_however_young():
    assert goes(stored(modified_at=NOW), application(listed("old")), deleted=deletions())


def test_a_bundle_that_another_version_references_stays():
    other = listed("other", key=stored().key)
    assert not goes(stored(), application(listed("old")), deleted=deletions(), remaining=[other])


def test_a_bundle_that_another_label_has_stays_until_the_last_label_is_deleted():
    both = {"old": record("old"), "2.0": record("2.0", release=record("old").release)}
    assert not goes(stored(modified_at=NOW), application(listed("old"), records=both), deleted=deletions())
    assert goes(
        stored(modified_at=NOW), application(listed("old"), records={"old": record("old")}), deleted=deletions()
    )


def test_a_bundle_that_got_another_label_during_the_clean_up_stays():
    since = [record("2.0", release=record("old").release)]
    assert not goes(stored(), application(listed("old")), deleted=deletions(), reserved_since=since)


def test_a_bundle_whose_key_a_version_references_in_another_bucket_goes():
    elsewhere = listed("theirs", bucket="elsewhere", key=stored().key)
    assert goes(stored(), remaining=[elsewhere])


def test_a_bundle_that_a_reserved_label_needs_stays():
    assert not goes(stored(), application(records={"old": record("old")}))


def test_a_label_without_a_bundle_hides_no_label_that_needs_one():
    records = {"pinned": VersionRecord(label="pinned", pinned_by="jane"), "old": record("old")}
    assert not goes(stored(), application(records=records))


@pytest.mark.parametrize(("age", "expected"), [(6.9, False), (7, True)])
def test_an_orphan_goes_after_a_week(age, expected):
    assert goes(stored(modified_at=NOW - days(age))) is expected


def test_a_new_object_under_the_key_of_a_deleted_version_is_an_orphan_like_others():
    """Somebody overwrote the bundle a moment ago."""
    theirs = stored(version_id="theirs", modified_at=NOW)
    assert not goes(theirs, application(listed("old")), deleted=deletions())


@pytest.mark.parametrize("key", ["theirs/old.war", "readme.txt", f"mall/{'0' * 32}/old.war"])
def test_objects_that_wardrop_did_not_put_there_or_of_other_applications_stay(key):
    assert not goes(stored(key=key))
