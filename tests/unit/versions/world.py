"""The world of the unit tests, with a Beanstalk and a release bucket that clean-up can delete from."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.unit.samples import NOW, environment, release, reserve, version
from tests.unit.versions.samples import key
from tests.unit.world import World, once
from wardrop.aws.ledger.ledger import Ledger
from wardrop.commands.caller import Caller
from wardrop.commands.run import RunCommand
from wardrop.environments.model import Environment, Instance
from wardrop.environments.version import ApplicationVersion
from wardrop.versions.clean import CleanVersions
from wardrop.versions.inventory import StoredBundle
from wardrop.versions.report import CleanUpReport

ONLY_FIXED_RULES = "versions: {keep_last: 0, keep_for: 0s, keep_good_per_environment: 1}"
SCOPE_ALL = "versions: {keep_last: 0, scope: all}"
STAGING, PROD = "shop-staging", "shop-prod"
FAR_DEADLINE = NOW + timedelta(days=100)


class Region:
    """Beanstalk. As the real one does, it also deletes a version that an environment runs."""

    def __init__(self) -> None:
        self.quota = 1000
        self.listed: dict[tuple[str, str], ApplicationVersion] = {}
        self.described: dict[str, Environment] = {
            name: environment(name=name, id=f"e-{name}", version_label="live") for name in (STAGING, PROD)
        }
        self.deleted: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.staying: set[str] = set()
        """The labels of versions that remain although their deletion is accepted."""

        self.check: Callable[[str], None] = lambda _: None
        """This function is called with each label before the deletion."""

    def make(self, label: str, age: float = 0, application: str = "shop", **bundle: Any) -> None:
        """`age` is in days."""
        source = {"bucket": "releases", "key": key(label, application)} | bundle
        created_at = NOW - timedelta(days=age)
        made = ApplicationVersion(application=application, label=label, created_at=created_at, **source)
        self.listed[application, label] = made

    def version_quota(self) -> int:
        return self.quota

    def application_versions(self) -> list[ApplicationVersion]:
        return list(self.listed.values())

    def version_count(self) -> int:
        return len(self.listed)

    def lasting_environments(self, application: str | None = None) -> list[Environment]:
        all_of = self.described.values()
        return [found for found in all_of if application in (None, found.application)]

    def delete_version(self, application: str, label: str) -> bool:
        self.check(label)
        if error := self.failing.get(label):
            raise error
        if label in self.staying:
            return True
        self.deleted.append(label)
        return self.listed.pop((application, label), None) is not None

    # For requests

    def environments(self, names: list[str]) -> dict[str, Environment]:
        return {name: environment for name, environment in self.described.items() if name in names}

    def versions(self, application: str, labels: list[str]) -> dict[str, datetime]:
        listed = {label: self.listed.get((application, label)) for label in labels}
        return {label: version.created_at for label, version in listed.items() if version}

    def has_version(self, application: str, label: str) -> bool:
        return (application, label) in self.listed

    def instances(self, _environment: str) -> tuple[Instance, ...]:
        return ()


class ReleaseBucket:
    release_bucket = "releases"

    def __init__(self) -> None:
        self.objects: list[StoredBundle] = []
        self.failing: dict[str, str] = {}
        """By key, S3's answer to a deletion."""

        self.deleted: list[str] = []

    def put(self, label: str, age: float = 0, application: str = "shop") -> None:
        modified_at = NOW - timedelta(days=age)
        bundle = StoredBundle(key=key(label, application), version_id="r1", size=1000, modified_at=modified_at)
        self.objects.append(bundle)

    def kept(self) -> Iterator[StoredBundle]:
        return iter(list(self.objects))

    def delete(self, bundles: Any) -> dict[str, str]:
        self.deleted += [bundle.key for bundle in bundles if bundle.key not in self.failing]
        self.objects = [bundle for bundle in self.objects if bundle not in bundles or bundle.key in self.failing]
        return {bundle.key: self.failing[bundle.key] for bundle in bundles if bundle.key in self.failing}


class CleanUpWorld(World):
    beanstalk: Any
    bundles: Any

    def __init__(self) -> None:
        super().__init__()
        self.beanstalk, self.bundles = Region(), ReleaseBucket()
        self.parameters.documents["shop"] = ONLY_FIXED_RULES
        self.deadline = FAR_DEADLINE

    def cleaner(self, ledger: Ledger | None = None, applications: str = "*") -> CleanVersions:
        given: dict[str, Any] = {"ledger": ledger} if ledger else {}
        return self.verb(CleanVersions, applications=applications, **given)

    def clean(self, asked_by: str | None = None, ledger: Ledger | None = None) -> CleanUpReport:
        report = self.cleaner(ledger)(lambda: self.now, self.deadline, asked_by)
        assert report is not None
        return report

    def tick(self) -> CleanUpReport | None:
        return self.cleaner().on_tick(lambda: self.now, self.deadline)

    def ask(self, request: Any) -> Any:
        return self.verb(RunCommand)(request, Caller(arn="arn:aws:iam::1:user/jane", at=self.now))

    def make(self, label: str, age: float = 100, application: str = "shop", **differs: Any) -> None:
        """A version that Wardrop made: in Beanstalk, in the release bucket and in the ledger."""
        self.beanstalk.make(label, age, application)
        self.bundles.put(label, age, application)
        self.reserve(label, age, application, **differs)

    def reserve(self, label: str, age: float = 100, application: str = "shop", **differs: Any) -> None:
        """A label without a version."""
        bundle = release(key=key(label, application), sha256=f"{label}{application}".encode().hex())
        reserved_at = NOW - timedelta(days=age)
        plain = {"release": bundle, "application": application, "reserved_at": reserved_at, "drop": label}
        assert reserve(self.ledger, version(label, **(plain | differs))) is not None

    def once_before(self, call: str, action: Callable[[], Any]) -> None:
        self.before[call] = once(action)

    def before_second(self, call: str, action: Callable[[], Any]) -> None:
        """Clean-up looks at the environments a second time after it has marked the versions."""

        def act() -> None:
            if self.calls.count(call) == 2:
                action()

        self.before[call] = act

    def is_recorded(self, label: str, application: str = "shop") -> bool:
        """Whether the ledger has the version, and has not recorded it as deleted."""
        return self.ledger.versions.find(application, label) is not None

    def is_marked(self, label: str) -> bool:
        found = self.ledger.versions.find("shop", label)
        return found is not None and found.marked_at is not None

    @property
    def alert_texts(self) -> dict[str, str]:
        return {str(alert.kind): alert.text for alert in self.alerts}
