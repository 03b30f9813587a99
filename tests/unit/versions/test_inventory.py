"""The readings of a clean-up before its decision."""

import pytest

from tests.unit.samples import environment
from tests.unit.versions.samples import application, listed, record, stored
from wardrop.versions.inventory import VersionRecord, application_names, is_served


@pytest.mark.parametrize(
    ("pattern", "name", "served"),
    [("*", "a b", True), ("shop-*", "shop-web", True), ("shop-*", "mall", False), ("s.op", "shop", False)],
)
def test_only_the_asterisk_is_special_in_the_pattern_of_served_applications(pattern, name, served):
    assert is_served(pattern, name) is served


@pytest.mark.parametrize("key", ["theirs/old.war", "shop/old.war", f"a/b/{'0' * 32}/x.war", "readme.txt"])
def test_an_object_under_another_key_than_wardrops_has_no_prefix(key):
    assert stored(key=key).prefix is None


def test_wardrop_made_a_version_only_if_label_and_bundle_are_the_reserved_ones():
    inventory = application(listed("ours"), listed("replaced", key="theirs.war"))
    assert [inventory.made_by_wardrop(version) for version in inventory.versions] == [True, False]
    assert not application(records={}).made_by_wardrop(listed("theirs"))


def test_only_reserved_labels_are_records_without_a_version():
    records = {"old": record("old"), "live": record("live"), "pinned": VersionRecord(label="pinned", pinned_by="jane")}
    assert [record.label for record in application(listed("live"), records=records).records_without_version()] == [
        "old"
    ]


def test_an_application_has_a_version_an_environment_or_a_bundle():
    names = application_names(
        [listed("live", application="by-version")],
        [environment(application="by-environment")],
        [stored(key=f"by-bundle/{'0' * 32}/old.war"), stored(key="readme.txt")],
    )
    assert names == ["by-bundle", "by-environment", "by-version"]


def test_the_asterisk_matches_any_character():
    assert is_served("shop*", "shop\nweb")
