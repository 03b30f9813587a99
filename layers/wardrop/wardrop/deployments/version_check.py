"""Checks before a deployment that the version in Beanstalk and its bundle in S3 are unchanged."""

from dataclasses import dataclass
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import BundleAccess, Bundles
from wardrop.environments.version import ApplicationVersion, Release


@dataclass(frozen=True)
class VersionCheck:
    beanstalk: Beanstalk
    bundles: Bundles

    def problem(self, application: str, label: str, release: Release | None) -> str | None:
        """Returns the reason why the version cannot be deployed, or None if version and bundle are unchanged.

        If `release` is None, Wardrop did not copy the bundle. Then it checks only that the version and the bundle
        exist.
        """
        if release is None:
            version = self.beanstalk.version(application, label)
            if version is None:
                return f"Beanstalk does not have version {label} any more"
            is_gone = self._access(version) is BundleAccess.GONE
            return f"its bundle {version.place} does not exist any more" if is_gone else None
        if wrong := self.bundles.prove(release):
            return wrong
        if self.beanstalk.refers_to(application, label, release.bucket, release.key):
            return None
        return f"Beanstalk does not list version {label} with its bundle {release.place} any more"

    def doubt(self, application: str, label: str) -> str | None:
        """Returns the reason why a rollback to the version may be impossible, or None if no reason is known.

        This method is for versions that Wardrop did not create. Denied access does not prove that a deployment would
        fail, because Beanstalk may read the bundle with an operations role.
        """
        version = self.beanstalk.version(application, label)
        if version is None:
            return f"a rollback to {label} is not possible, because Beanstalk no longer has this version"
        match self._access(version):
            case BundleAccess.GONE:
                return f"a rollback to {label} is not possible, because its bundle {version.place} no longer exists"
            case BundleAccess.DENIED:
                return (
                    f"cannot tell whether a rollback to {label} is possible, because Wardrop has no permission to read "
                    f"its bundle {version.place}; add the bucket to the stack's parameter BundleBuckets"
                )
            case BundleAccess.READABLE | None:
                return None
            case unreachable:
                assert_never(unreachable)

    def _access(self, version: ApplicationVersion) -> BundleAccess | None:
        """Finds out whether Wardrop can read the bundle. Returns None if the version has no bundle.

        AWS's sample application, for example, has no bundle.
        """
        return self.bundles.access(version.bucket, version.key) if version.bucket and version.key else None
