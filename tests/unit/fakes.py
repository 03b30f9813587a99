"""Small replacements for the adapters. tests/unit/world.py combines them."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
import moto  # noqa: F401 - before any client is made, so that mock_aws catches what it sends

from tests.unit.samples import NEW, NOW, OLD, OUR_REQUEST, environment, release
from wardrop.aws.bundles import BundleAccess, Dropped
from wardrop.aws.mailbox import WakeUp
from wardrop.aws.queues import Message
from wardrop.configuration.check import Check
from wardrop.configuration.parameter import Contents, Document, Fault, parameter_name
from wardrop.drops.drop import Drop
from wardrop.drops.empty import NewestObject
from wardrop.drops.key import release_key
from wardrop.environments.model import Environment, Event, Instance
from wardrop.environments.settings import COMMAND, OptionValues, SettingsAndDraft
from wardrop.environments.version import ApplicationVersion, Release
from wardrop.errors import NotNow, Rejected, Unavailable, WardropError
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState, reading_of
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.check_subject import CheckSubject
from wardrop.evidence.explanation import Cause, Explanation
from wardrop.evidence.log_part import LogName
from wardrop.evidence.log_request import InstanceLog, LogRequest
from wardrop.guard import plan as guard
from wardrop.guard.descriptions import Description, recorded
from wardrop.guard.request import GuardRequest
from wardrop.versions.plan import Plan


@cache
def client(service: str) -> Any:
    """One for all tests, because its creation takes longer than most tests."""
    return boto3.client(service)


class FakeBeanstalk:
    """The environments of one application. `answer` is the answer or the error of UpdateEnvironment."""

    def __init__(self, *environments: Environment) -> None:
        self.described = {one.name: one for one in environments or (environment(),)}
        self.event_log: list[Event] = []
        self.fleet: tuple[Instance, ...] = ()
        self.throttled = False
        self.terminating: set[str] = set()
        self.answer: str | BaseException = OUR_REQUEST
        self.updates: list[tuple[str, str | dict[str, str]]] = []
        self.options: dict[tuple[str, str], str] = {(COMMAND, "DeploymentPolicy"): "Rolling"}
        self.pending: dict[tuple[str, str], str] | None = None
        self.aborted: list[str] = []
        self.bundles_by_label: dict[str, tuple[str, str]] = {}
        self.has_our_bundle = True
        self.causes: list[str] = []
        self.counts: dict[str, int] = {}
        self.warning_messages: list[str] = []
        self.created: dict[str, datetime] = {OLD: NOW - timedelta(days=1), NEW: NOW}

    def version_quota(self) -> int:
        return 1000

    def version_count(self) -> int:
        return len(self.created)

    def environments(self, names: list[str]) -> dict[str, Environment]:
        return {name: one for name, one in self.described.items() if name in names}

    def is_being_terminated(self, name: str) -> bool:
        return name in self.terminating

    def environments_of(self, application: str) -> dict[str, Environment]:
        return {name: one for name, one in self.described.items() if one.application == application}

    def has_application(self, name: str) -> bool:
        return name in ("shop", "empty")

    def settings(self, application: str, environment: str) -> OptionValues:
        return self.settings_and_draft(application, environment).in_force

    def settings_and_draft(self, _application: str, _environment: str) -> SettingsAndDraft:
        return SettingsAndDraft(self.options, self.pending)

    def abort_update(self, environment_id: str) -> None:
        self.aborted.append(environment_id)

    def configure(self, environment_id: str, options: dict[str, str]) -> str:
        return self._answer(environment_id, options)

    def has_version(self, _application: str, label: str) -> bool:
        return self.has_our_bundle and label in self.created

    def version(self, application: str, label: str) -> ApplicationVersion | None:
        if not self.has_version(application, label):
            return None
        bucket, key = self.bundles_by_label.get(label, ("theirs", f"{label}.war"))
        return ApplicationVersion(application=application, label=label, created_at=NOW, bucket=bucket, key=key)

    def versions(self, _application: str, labels: list[str]) -> dict[str, datetime]:
        return {label: at for label, at in self.created.items() if label in labels}

    def all_environments(self) -> dict[str, Environment]:
        return self.described

    def health(self, _environment: str) -> tuple[list[str], dict[str, int]]:
        return self.causes, self.counts

    def warnings(self, _environment: str, _since: object) -> list[str]:
        return self.warning_messages

    def events(self, _environment: str, _since: object) -> list[Event]:
        return self.event_log

    def instances(self, _environment: str) -> tuple[Instance, ...]:
        if self.throttled:
            raise NotNow("Rate exceeded")
        return self.fleet

    def update(self, environment_id: str, label: str) -> str:
        return self._answer(environment_id, label)

    def _answer(self, environment_id: str, wanted: str | dict[str, str]) -> str:
        self.updates.append((environment_id, wanted))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def refers_to(self, _application: str, _label: str, _bucket: str, _key: str) -> bool:
        return self.has_our_bundle

    def create_version(self, _application: str, label: str, _description: str, bucket: str, key: str) -> bool:
        return self.bundles_by_label.setdefault(label, (bucket, key)) == (bucket, key)


class FakeAlarms:
    """The alarms by name. `error` is raised instead of an answer."""

    def __init__(self) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.error: Exception | None = None
        self.asked: list[list[str]] = []

    def set(self, name: str, state: AlarmState, at: datetime = NOW) -> None:
        self.alarms[name] = Alarm(name, state, at, f"{name} crossed its threshold.")

    def read(self, entries: Sequence[str]) -> AlarmsReading:
        self.asked.append(list(entries))
        if self.error:
            raise self.error
        return reading_of(entries, self.alarms.values())


class FakeOptionSettings:
    """Rolling updates are disabled, and the size is 2 to 4. The methods in `denied` are not permitted."""

    def __init__(self) -> None:
        self.options = {
            ("aws:autoscaling:asg", "MinSize"): "2",
            ("aws:autoscaling:asg", "MaxSize"): "4",
            ("aws:autoscaling:launchconfiguration", "InstanceType"): "t3.small",
            ("aws:autoscaling:launchconfiguration", "MonitoringInterval"): "1 minute",
        }
        self.described: dict[tuple[str, str], Description] = dict(recorded())
        self.messages: list[guard.Message] = []
        self.denied: set[str] = set()
        self.remembered = False

    def in_force(self, _environment: Environment) -> dict[tuple[str, str], str]:
        return self._permitted("in_force", self.options)

    def remembers(self, _environment: Environment) -> bool:
        return self.remembered

    def descriptions(self, _environment: Environment) -> dict[tuple[str, str], Description]:
        return self._permitted("descriptions", self.described)

    def validate(self, _environment: Environment, _settings: object) -> list[guard.Message]:
        return self._permitted("validate", self.messages)

    def _permitted(self, name: str, answer: Any) -> Any:
        if name in self.denied:
            raise Unavailable(f"Wardrop is not allowed to call {name}")
        return answer


class FakeBundles:
    """Dropped files in memory. `fault` is the fault that `prove` finds in every bundle."""

    def __init__(self) -> None:
        self.access_to_others = BundleAccess.READABLE
        self.dropped: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.uploaded_at = NOW
        self.newest_by_key: dict[str, Drop] = {}
        self.fault: str | None = None
        self.tags: dict[str, dict[str, str]] = {}

    def put(self, drop: Drop, content: bytes, **metadata: str) -> Drop:
        self.dropped[drop.id] = content, {name.replace("_", "-"): value for name, value in metadata.items()}
        self.newest_by_key[drop.key] = drop
        return drop

    def newest(self, drop: Drop) -> NewestObject | None:
        newest = self.newest_by_key.get(drop.key)
        if newest is None:
            return None
        size = len(self.dropped[newest.id][0])
        return NewestObject(version_id=newest.version_id, etag=newest.etag, size=size, uploaded_at=self.uploaded_at)

    def open(self, drop: Drop) -> Dropped:
        if drop.id not in self.dropped:
            raise Rejected(f"{drop.key} was deleted before it could be read")
        content, metadata = self.dropped[drop.id]
        return Dropped(io.BytesIO(content), len(content), self.uploaded_at, metadata)

    def keep(self, drop: Drop, application: str) -> Release:
        content, _ = self.dropped[drop.id]
        return release(key=release_key(drop, application), sha256=hashlib.sha256(content).hexdigest())

    def prove(self, _release: Release) -> str | None:
        return self.fault

    def access(self, _bucket: str, _key: str) -> BundleAccess:
        return self.access_to_others

    def tag(self, drop: Drop, tags: dict[str, str]) -> None:
        self.tags[drop.id] = tags


class FakeCleanUps:
    """`completed`: the end of the last clean-up. `plan_answer`: the answer of CleanVersions to a dry run."""

    def __init__(self) -> None:
        self.completed: datetime | None = None
        self.plan_answer: Plan | None = None
        self.started: list[str] = []
        self.planned_for: list[str | None] = []

    def start(self, asked_by: str) -> None:
        self.started.append(asked_by)

    def make_room(self, since: datetime, cause: str) -> bool:
        if self.completed is not None and self.completed > since:
            return False
        self.start(cause)
        return True

    def plan(self, application: str | None) -> Plan | None:
        self.planned_for.append(application)
        return self.plan_answer


class FakeEvidence:
    """Deployment logs. Each names the cause `cause`."""

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self.read: list[LogName] = []

    def explain(self, log: LogName, _now: datetime) -> Explanation:
        self.read.append(log)
        return Explanation(log=f"s3://logs/{log.request_id}", cause=self.cause)


class FakeChecks:
    """Every check passes, unless `answers` has other answers: one list for each round, the next one first."""

    def __init__(self) -> None:
        self.answers: list[list[Answer]] = []
        self.asked: list[tuple[list[Check], CheckSubject]] = []

    def run(self, checks: Sequence[Check], subject: CheckSubject) -> list[Answer]:
        self.asked.append((list(checks), subject))
        return self.answers.pop(0) if self.answers else [Answer(Result.PASSED, "answered 200") for _ in checks]


class FakeInstanceLogs:
    """The tail logs of instances. No log has arrived."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self.arrived: dict[InstanceLog, bytes] = {}
        self.refuses: str | None = None

    def request(self, environment_id: str) -> None:
        if self.refuses:
            raise Unavailable(self.refuses)
        self.requested.append(environment_id)

    def available(self, _request: LogRequest) -> list[InstanceLog]:
        return list(self.arrived)

    def read(self, log: InstanceLog) -> bytes:
        return self.arrived[log]


class FakeDeadLetters:
    def __init__(self) -> None:
        self.parked: list[tuple[Message, str]] = []
        """Messages, each with the reason."""

    def park(self, message: Message, error: WardropError) -> None:
        self.parked.append((message, error.reason))


class FakeQueue:
    """The function's own queue, whose messages are delivered again."""

    def __init__(self) -> None:
        self.retried: list[tuple[str, int | None]] = []
        """Ids of messages, each with the seconds after which it is delivered again."""

    def retry(self, failed: Sequence[Message], after: int | None = None) -> None:
        self.retried += [(message.id, after) for message in failed]


class FakeMailbox:
    def __init__(self) -> None:
        self.woken: list[WakeUp] = []

    def wake(self, wake_ups: Iterable[WakeUp]) -> None:
        self.woken += wake_ups


class FakeGuardRequests:
    def __init__(self) -> None:
        self.sent: list[GuardRequest] = []

    def send(self, requests: Iterable[GuardRequest]) -> None:
        self.sent += requests


class FakeParameters:
    """`faults` has the errors of Parameter Store by application. `versions` has the versions of the parameters."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.faults: dict[str, Fault] = {}

    def put(self, application: str, text: str) -> None:
        """Writes the document as a new version, a second after the version before."""
        self.documents[application] = text
        self.versions[application] = self.versions.get(application, 3) + 1

    def name(self, application: str) -> str:
        return f"/wardrop/applications/{parameter_name(application)}"

    def read(self, application: str) -> Contents:
        if application in self.faults:
            return self.faults[application]
        text, version = self.documents.get(application), self.versions.get(application, 3)
        modified_at = NOW + timedelta(seconds=version - 3)
        return Document(text=text, version=version, modified_at=modified_at) if text is not None else None
