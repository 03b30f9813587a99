"""Whether a version can be deployed again, if somebody else created it."""

import pytest

from tests.unit.fakes import FakeBundles
from tests.unit.samples import NOW
from wardrop.aws.bundles import BundleAccess
from wardrop.deployments.version_check import VersionCheck
from wardrop.environments.version import ApplicationVersion


class Beanstalk:
    def __init__(self, version: ApplicationVersion | None) -> None:
        self._version = version

    def version(self, _application: str, _label: str) -> ApplicationVersion | None:
        return self._version


THEIRS = ApplicationVersion(application="shop", label="7", created_at=NOW, bucket="theirs", key="shop/7.war")
SAMPLE = ApplicationVersion(application="shop", label="Sample Application", created_at=NOW)


def check(version: ApplicationVersion | None, access: BundleAccess = BundleAccess.READABLE) -> VersionCheck:
    bundles = FakeBundles()
    bundles.access_to_others = access
    return VersionCheck(Beanstalk(version), bundles)


def test_a_version_whose_bundle_can_be_read_raises_no_doubt():
    assert check(THEIRS).doubt("shop", "7") is None
    assert check(THEIRS).problem("shop", "7", None) is None


def test_a_denied_bundle_is_a_doubt_that_names_the_bucket_and_the_parameter_but_no_problem():
    """With an operations role, Beanstalk may be able to read the bundle."""
    denied = check(THEIRS, BundleAccess.DENIED)
    assert denied.doubt("shop", "7") == (
        "cannot tell whether a rollback to 7 is possible, because Wardrop has no permission to read its bundle "
        "s3://theirs/shop/7.war; add the bucket to the stack's parameter BundleBuckets"
    )
    assert denied.problem("shop", "7", None) is None


def test_a_version_whose_bundle_is_gone_cannot_be_deployed_again():
    gone = check(THEIRS, BundleAccess.GONE)
    assert gone.problem("shop", "7", None) == "its bundle s3://theirs/shop/7.war does not exist any more"
    assert "is not possible, because its bundle s3://theirs/shop/7.war no longer exists" in gone.doubt("shop", "7")


def test_a_version_that_beanstalk_does_not_have_cannot_be_deployed_again():
    assert check(None).problem("shop", "7", None) == "Beanstalk does not have version 7 any more"
    assert "because Beanstalk no longer has this version" in check(None).doubt("shop", "7")


@pytest.mark.parametrize("access", BundleAccess)
def test_a_version_without_a_bundle_is_not_looked_up_in_s3(access):
    sample = check(SAMPLE, access)
    assert (sample.problem("shop", "s", None), sample.doubt("shop", "s")) == (None, None)
