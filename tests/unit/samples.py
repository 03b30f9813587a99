"""Values for tests. Each builder returns the ordinary case, and a test states only the differences."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.versions import Reservation
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Approval
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.replacement import BundleFiles
from wardrop.deployments.situation import Situation
from wardrop.deployments.standing import GoodVersion, Standing
from wardrop.deployments.state import State
from wardrop.deployments.update import AutomaticRollback, Timers, Update
from wardrop.drops.drop import Drop
from wardrop.environments.events import UPDATE_STARTS, UPDATE_SUCCEEDED
from wardrop.environments.fleet import Fleet, reported
from wardrop.environments.model import Environment, Event, Health, Instance
from wardrop.environments.settings import DeploymentSettings
from wardrop.environments.version import Release, Version
from wardrop.guard.proposal import Proposal

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
APPROVAL = Approval(
    by="release-managers (session jane)", principal="arn:aws:iam::123456789012:role/release-managers", at=NOW
)
SETTLE = timedelta(minutes=3)
TABLE = "ledger"
OLD, NEW = "shop-1.0", "shop-2.0"
OUR_REQUEST, THEIR_REQUEST = "our-request", "their-request"


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def drop(key: str = "shop/shop-staging/shop-2.0.war", **differs: Any) -> Drop:
    plain: dict[str, Any] = {
        "bucket": "drops",
        "version_id": "v1",
        "etag": "etag",
        "size": 1000,
        "event_time": NOW,
        "sequencer": "0061",
    }
    return Drop(key=key, **(plain | differs))


def release(**differs: Any) -> Release:
    plain: dict[str, Any] = {
        "bucket": "releases",
        "key": "shop/0123/shop-2.0.war",
        "version_id": "r1",
        "sha256": "ab" * 32,
    }
    return Release(**(plain | differs))


def release_of(label: str) -> Release:
    """The versions of two labels have different bytes."""
    return release() if label == NEW else release(sha256=hashlib.sha256(label.encode()).hexdigest())


def version(label: str = NEW, **differs: Any) -> Version:
    plain: dict[str, Any] = {
        "application": "shop",
        "description": "shop/shop-staging/shop-2.0.war",
        "release": release(),
        "drop": drop().id,
        "reserved_at": NOW,
    }
    return Version(label=label, **(plain | differs))


def environment(**differs: Any) -> Environment:
    """An environment that is Ready and healthy with the old version. Its last update was an hour ago."""
    plain: dict[str, Any] = {
        "id": "e-1",
        "name": "shop-staging",
        "application": "shop",
        "status": "Ready",
        "health": Health.OK,
        "version_label": OLD,
        "updated_at": NOW - timedelta(hours=1),
        "reports_instances": True,
    }
    return Environment(**(plain | differs))


def deployment_settings(**differs: Any) -> DeploymentSettings:
    """Settings with AllAtOnce behind a load balancer. They were read after the last update of `environment()`."""
    plain: dict[str, Any] = {
        "at": NOW,
        "environment_updated_at": NOW - timedelta(hours=1),
        "environment_id": "e-1",
        "load_balanced": True,
        "application_load_balancer": True,
        "options": {
            "aws:autoscaling:launchconfiguration": {"InstanceType": "t3.small", "MonitoringInterval": "5 minute"},
            "aws:elasticbeanstalk:environment": {"EnvironmentType": "LoadBalanced"},
        },
    }
    return DeploymentSettings(**(plain | differs))


def instance(number: int = 1, label: str | None = NEW, status: str | None = "Deployed", **differs: Any) -> Instance:
    plain: dict[str, Any] = {"deployment_id": 8 if label == NEW else 7}
    return Instance(id=f"i-{number}", version_label=label, deployment_status=status, **(plain | differs))


def event(message: str, at: datetime = NOW, request_id: str | None = OUR_REQUEST, severity: str = "INFO") -> Event:
    return Event(at=at, message=message, severity=severity, request_id=request_id)


def started(at: datetime = NOW - timedelta(minutes=5), request_id: str = OUR_REQUEST) -> Event:
    return event(UPDATE_STARTS, at, request_id)


def completed(at: datetime = NOW - timedelta(seconds=10), request_id: str = OUR_REQUEST) -> Event:
    return event(UPDATE_SUCCEEDED, at, request_id)


def update(**differs: Any) -> Update:
    """An update that was claimed five minutes ago, when the old version ran, and that was answered."""
    plain: dict[str, Any] = {
        "claimed_at": NOW - timedelta(minutes=5),
        "environment_id": "e-1",
        "environment_updated_at": NOW - timedelta(hours=1),
        "deployment_id": 7,
        "health": Health.OK,
        "version_label": OLD,
        "request_id": OUR_REQUEST,
    }
    return Update(**(plain | differs))


def queued(name: str = "d-1", label: str = NEW, minutes: float = 0, **differs: Any) -> Deployment:
    """A queued deployment, whose drop was uploaded this number of minutes after the first drop."""
    plain: dict[str, Any] = {
        "application": "shop",
        "environment": "shop-staging",
        "state": State.QUEUED,
        "reason": f"{label} was dropped",
        "arrival": (NOW + timedelta(minutes=minutes), NOW, "0" * 64),
        "drop": drop().id,
        "dropped_by": None,
        "release": release_of(label),
        "rules": Rules(bake=Duration(0)),
        "history": [Moment(NOW, State.QUEUED, f"{label} was dropped")],
    }
    return Deployment(id=name, label=label, **(plain | differs))


def deploying(**differs: Any) -> Deployment:
    """A deployment whose UpdateEnvironment was called and answered five minutes ago."""
    plain: dict[str, Any] = {"state": State.DEPLOYING, "update": update()}
    return queued(**(plain | differs))


def good(label: str = OLD, **differs: Any) -> GoodVersion:
    """A version that was proven in the present environment."""
    plain: dict[str, Any] = {
        "at": NOW - timedelta(hours=1),
        "environment_id": "e-1",
        "platform": "",
        "release": release_of(label),
    }
    return GoodVersion(label=label, **(plain | differs))


def standing(*known: GoodVersion, **differs: Any) -> Standing:
    return Standing(**({"environment": "shop-staging", "good": list(known), "settled_at": NOW} | differs))


def baking(**differs: Any) -> Deployment:
    """A deployment that has baked for one of two minutes."""
    timers = Timers(good_since=NOW - timedelta(minutes=1))
    return deploying(**({"state": State.BAKING, "rules": Rules(), "timers": timers} | differs))


def rollback(**differs: Any) -> AutomaticRollback:
    """A rollback to the old version. Nobody has updated the environment since the new version failed."""
    plain: dict[str, Any] = {"target": good(), "because": "the command failed", "environment_updated_at": NOW}
    return AutomaticRollback(**(plain | differs))


def rolling_back(**differs: Any) -> Deployment:
    """A deployment whose rollback to the old version was called five minutes ago."""
    return deploying(**({"state": State.ROLLING_BACK, "rollback": rollback()} | differs))


def unanswered(**differs: Any) -> Deployment:
    """An update that was claimed five minutes ago. The answer of UpdateEnvironment was lost."""
    return deploying(**({"update": update(request_id=None)} | differs))


def fleet(*instances: Instance) -> Fleet:
    return reported(instances)


def situation(deployment: Deployment, **differs: Any) -> Situation:
    """Two instances run the new version, and no version has `.ebextensions`.

    Fields of the environment may be given, too: `status`, `version_label`.
    """
    plain: dict[str, Any] = {
        "files": BundleFiles(Proposal(), {OLD: Proposal()}),
        "standing": standing(),
        "settle": SETTLE,
        "now": NOW,
        "fleet": fleet(instance(1), instance(2)),
    }
    own = {name: differs.pop(name) for name in [*differs] if name in Situation.__dataclass_fields__}
    return Situation(**({"deployment": deployment, "environment": environment(**differs)} | plain | own))


WAR = {
    "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\nImplementation-Version: 7.1\r\n\r\n",
    "WEB-INF/": b"",
    "WEB-INF/web.xml": b"<web-app/>",
    "index.jsp": b"hello",
}


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive. Names are not corrected, even if they are hostile."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = entry.orig_filename = name
            entry.compress_type = compression
            made.writestr(entry, content)
    return out.getvalue()


def war(**more: bytes) -> bytes:
    return archive(WAR | more)


def event_files(function: str) -> dict[str, Any]:
    """The example events of a function, by the names of their files without the ending."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((EVENTS / function).glob("*.json"))}


def reserve(ledger: Ledger, version: Version, **request: Any) -> Version | None:
    """The version of the bytes, or None, as the ledger reserves it."""
    reserved = ledger.versions.reserve(Reservation(version, **request))
    return reserved.version if reserved else None
