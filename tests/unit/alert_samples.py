"""One alert of each kind, from one day of the application `shop`. Documents and snapshots show them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.unit.samples import deploying, good, rollback, update
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, HealthChange, LastDeployment, Notification, Running, new_alert
from wardrop.alerts.text import console
from wardrop.deployments.announcement import alert_of, replacement_alert, with_last_good
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.replacement import Replacement
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.environments.model import Health, Progress
from wardrop.environments.origin import Origin
from wardrop.evidence.explanation import Cause, Explanation
from wardrop.evidence.kinds import Kind as Kinds
from wardrop.guard.effect import Effect
from wardrop.versions.report import CleanUpReport

DAY = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
PROD = "shop-prod"
RELEASE_MANAGER = "arn:aws:sts::123456789012:assumed-role/release-manager/mina"
UPDATE = update(environment_id="e-abcdefghij", version_label="shop-41")
LOG = Explanation(
    log="s3://elasticbeanstalk-us-east-1-123456789012/resources/environments/logs/deployments/e-abcdefghij/"
    "eb-deployment-7e6e0dd4-53d0-4aeb-8b34-c2e3dffc5b1c.log",
    cause=Cause(
        kind=Kinds.SETTING,
        quotes=[
            "java.lang.IllegalStateException: environment variable SHOP_DB_URL is not set",
            "at com.acme.shop.Settings.require(Settings.java:41)",
        ],
    ),
)
BY_INSTANCES = replace(LOG, by_instances=True)
ORIGIN = Origin(commit="1f3c5d7", build="https://ci.acme.test/job/shop/41/", changes="the basket is kept for a week")
REQUESTS_FAIL = "100.0 % of the requests are failing with HTTP 5xx."

REPLACES = (
    "all 4 instances are replaced at once: downtime; .ebextensions change "
    "aws:autoscaling:launchconfiguration:InstanceType from t3.small to m5.large"
)


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def deployment(state: State, reason: str, minutes: float, **differs: Any) -> Deployment:
    """The deployment of shop-42 to shop-prod, which ran shop-41. It began at 09:02."""
    began = [Moment(at(0), State.QUEUED, "shop-42 was dropped"), Moment(at(2), State.DEPLOYING, "it began")]
    plain: dict[str, Any] = {
        "name": "20260102T090000Z-4f1c",
        "label": "shop-42",
        "environment": PROD,
        "state": state,
        "dropped_by": "jenkins",
        "update": UPDATE,
        "rollback": rollback(target=good("shop-41")) if "BACK" in state.name else None,
        "revision": int(minutes * 10),
        "history": [*(began if minutes > 2 else began[:1]), Moment(at(minutes), state, reason)],
    }
    return deploying(**(plain | differs))


def waiting(state: State, reason: str, minutes: float, **differs: Any) -> Deployment:
    return deployment(state, reason, minutes, update=None, **differs)


def incident(kind: Kind, severity: Severity, text: str, minutes: float, change: HealthChange, **differs: Any) -> Alert:
    plain: dict[str, Any] = {
        "application": "shop",
        "environment": PROD,
        "environment_id": "e-abcdefghij",
        "incident": "shop-prod/2026-01-02T11:00:00.000Z",
        "health": change,
        "running": Running(label="shop-42", since=at(13)),
        "last_deployment": LastDeployment(label="shop-42", state=State.SUCCEEDED, at=at(13), by="jenkins"),
        "next_step": "wardrop rollback shop-prod",
        "change": int(minutes),
    }
    return new_alert(
        kind, f"incident/shop-prod/{int(minutes)}", at(minutes), text, severity=severity, **(plain | differs)
    )


def environment(kind: Kind, text: str, minutes: float, **differs: Any) -> Alert:
    about = {"application": "shop", "environment": PROD, "environment_id": "e-abcdefghij"} | differs
    return new_alert(kind, f"environment/shop-prod/{int(minutes)}", at(minutes), text, **about)


ROLLS_BACK = deployment(
    State.ROLLING_BACK,
    f"Instance deployment failed; of 4 instances, 1 has shop-42 (failed), 3 have shop-41; {LOG.sentence}",
    6.5,
    explanation=LOG,
    rollback=rollback(target=good("shop-41", origin=ORIGIN)),
    origin=Origin(
        commit="9e107d9", build="https://ci.acme.test/job/shop/42/", changes="the payment page has a new design"
    ),
)

SAMPLES: list[Alert] = [
    new_alert(
        Kind.DROP_REJECTED,
        "s3://drops/shop/shop-prod/shop-40.war#v1",
        at(-30),
        "shop/shop-prod/shop-40.war: shop-40.war is not a web application, "
        "because it has no folder WEB-INF at its root",
        application="shop",
    ),
    new_alert(
        Kind.VERSION_MADE,
        "s3://drops/mall/mall-7.war#v1",
        at(-20),
        "nothing is deployed, because mall has the environments mall-a, mall-b, and no configuration states the first "
        "one; to deploy the file, drop it as mall/<environment>/mall-7.war",
        application="mall",
        version_label="mall-7",
    ),
    new_alert(
        Kind.CONFIGURATION_UNREADABLE,
        "shop/configuration/3",
        at(-10),
        "the configuration of shop cannot be read: Object contains unknown field `bakes` - at `$.environments[0]`; "
        "the last good document stays in force",
        application="shop",
    ),
    new_alert(
        Kind.CONFIGURATION_MENDED,
        "shop/configuration/4",
        at(-9),
        "the configuration of shop can be read again; version 6 of the document is in force",
        application="shop",
    ),
    new_alert(
        Kind.CONFIGURATION_FORGOTTEN,
        "mall/configuration/2",
        at(-8),
        "release-managers (session jane) removed version 4 of the configuration of mall, which was the last good "
        "document; "
        "the defaults are in force, so deployments that are queued from now on need no approval",
        application="mall",
    ),
    alert_of(
        waiting(
            State.QUEUED,
            "shop-42 was dropped as shop/shop-prod/shop-42.war, by jenkins as stated",
            0,
            dropped_by="jenkins",
        )
    ),
    alert_of(
        waiting(State.QUEUED, "shop-prod is Updating; Wardrop waits until it is Ready", 0.5), Kind.DEPLOYMENT_WAITING
    ),
    alert_of(waiting(State.AWAITING_APPROVAL, "shop-42 waits to be approved for shop-prod by release-*", 1)),
    alert_of(
        waiting(State.QUEUED, f"shop-42 is approved for shop-prod by {RELEASE_MANAGER}", 1.5), Kind.DEPLOYMENT_APPROVED
    ),
    alert_of(
        deployment(
            State.PREPARING,
            "shop-prod has the policy AllAtOnce with batches of 100%; Wardrop first sets DeploymentPolicy=Rolling, "
            "BatchSize=30",
            1.8,
        )
    ),
    replacement_alert(
        deployment(State.DEPLOYING, f"shop-prod is Ready: shop-42 replaces shop-41; {REPLACES}", 1.9),
        Replacement(id="1", effect=Effect.REPLACES_AT_ONCE, sentence=REPLACES),
    ),
    alert_of(
        deployment(
            State.DEPLOYING,
            "shop-prod is Ready: shop-42 replaces shop-41; this keeps the service up: Rolling by 2 of 4 instances",
            2,
        )
    ),
    alert_of(
        deployment(
            State.DEPLOYING,
            "shop-prod is Updating; of 4 instances, 2 have shop-42, 2 have shop-41",
            6,
            update=replace(UPDATE, progress=Progress(done=2, instances=4)),
        ),
        Kind.DEPLOYMENT_PROGRESSED,
    ),
    alert_of(
        deployment(
            State.DEPLOYING,
            "shop-42 is not proven after 45 min, although the deadline was 43 min: shop-prod is Updating",
            47,
        ),
        Kind.DEPLOYMENT_OVERDUE,
    ),
    alert_of(deployment(State.BAKING, "all 4 instances run shop-42 and health is Ok; this must last for 2 min", 11)),
    alert_of(
        deployment(
            State.BAKING,
            f"health is Severe; 1 evaluation has found unacceptable health since 09:12:00; {LOG.sentence}",
            12,
            explanation=LOG,
        ),
        Kind.DEPLOYMENT_UNHEALTHY,
    ),
    alert_of(
        deployment(
            State.BAKING,
            "all 4 instances run shop-42 and health is Ok; cannot tell whether the version is good, because the check "
            "function shop-smoke-test did not answer within 10s",
            12,
        ),
        Kind.DEPLOYMENT_UNCHECKED,
    ),
    with_last_good(
        alert_of(ROLLS_BACK),
        ROLLS_BACK,
        Standing(environment=PROD),
    ),
    alert_of(deployment(State.SUCCEEDED, "all 4 instances run shop-42 and health is Ok, for 2 min", 13)),
    alert_of(
        waiting(
            State.SUPERSEDED, "shop-43 was uploaded after shop-42 and takes its place in the queue of shop-prod", 1.2
        )
    ),
    alert_of(waiting(State.DECLINED, f"shop-42 is declined for shop-prod by {RELEASE_MANAGER}: not on a Friday", 1.3)),
    alert_of(waiting(State.CANCELLED, f"shop-42 is cancelled by {RELEASE_MANAGER}", 1.4)),
    alert_of(
        deployment(
            State.FAILED,
            "Instance deployment failed; Wardrop knows no good version to roll back to",
            7,
        )
    ),
    alert_of(
        deployment(
            State.ROLLED_BACK,
            "Instance deployment failed; shop-41 runs again: all 4 instances run shop-41 and health is Ok",
            9,
        )
    ),
    alert_of(
        deployment(
            State.ROLLBACK_FAILED,
            "Instance deployment failed; the rollback to shop-41 failed too: health is Severe",
            12,
        )
    ),
    replace(
        alert_of(
            deployment(State.ROLLED_BACK, BY_INSTANCES.sentence, 10, explanation=BY_INSTANCES),
            Kind.DEPLOYMENT_EXPLAINED,
        ),
        change=0,
    ),
    replace(
        alert_of(
            deployment(State.ROLLED_BACK, "the logs of the instances have not arrived", 14),
            Kind.DEPLOYMENT_NOT_EXPLAINED,
        ),
        change=0,
    ),
    environment(
        Kind.ENVIRONMENT_HELD,
        f"shop-prod is held by {RELEASE_MANAGER}: rolled back to shop-41; "
        "later drops wait until the environment is resumed",
        20,
    ),
    environment(
        Kind.ENVIRONMENT_PAUSED,
        f"shop-prod is paused by {RELEASE_MANAGER}: stocktaking; a deployment that has already started continues, "
        "but no other deployment starts, except a rollback or a deployment with `now`",
        30,
    ),
    environment(
        Kind.ENVIRONMENT_RESUMED,
        f"shop-prod is resumed by {RELEASE_MANAGER}; it had been paused since 2026-01-02 09:30 UTC by "
        f"{RELEASE_MANAGER}: stocktaking",
        60,
    ),
    incident(
        Kind.INCIDENT_OPENED,
        Severity.WARNING,
        "Health changed from Ok to Warning. Beanstalk sent an event about it.",
        120,
        HealthChange(
            previous=Health.OK,
            current=Health.WARNING,
            causes=["20.0 % of the requests are failing with HTTP 5xx."],
            instances={"Warning": 1, "Ok": 3},
        ),
    ),
    incident(
        Kind.INCIDENT_WORSENED,
        Severity.CRITICAL,
        "Health changed from Warning to Severe. Beanstalk sent an event about it.",
        122,
        HealthChange(previous=Health.WARNING, current=Health.SEVERE, causes=[REQUESTS_FAIL], instances={"Severe": 4}),
        events=["ELB health is failing or not available for all instances."],
    ),
    incident(
        Kind.INCIDENT_RECOVERED,
        Severity.INFO,
        "Health is Ok again after 12 min.",
        132,
        HealthChange(previous=Health.SEVERE, current=Health.OK),
        duration_seconds=720,
        next_step=None,
    ),
    incident(
        Kind.INCIDENT_FLAPPING,
        Severity.ERROR,
        "Health is Degraded again, 2 min after it recovered. Wardrop sends the next alert when health gets worse, "
        "or when it has not been bad for 15 min.",
        136,
        HealthChange(previous=Health.OK, current=Health.DEGRADED, instances={"Degraded": 2, "Ok": 2}),
    ),
    environment(
        Kind.ENVIRONMENT_EVENT,
        "terminateEnvironment is starting.",
        200,
        severity=Severity.WARNING,
        title="the environment is being terminated",
        next_step="wardrop status shop-prod",
    ),
    environment(
        Kind.MANAGED_UPDATE_FAILED,
        "Managed update failed, retrying in 60 minutes.",
        210,
        next_step="wardrop status shop-prod",
    ),
    environment(
        Kind.INSTANCES_BEING_REPLACED,
        "Somebody else started an update of shop-prod at 12:33:20 UTC. All 4 instances are replaced at once: downtime. "
        "aws:autoscaling:launchconfiguration:InstanceType changes from t3.small to m5.large: all 4 instances are "
        "replaced at once: downtime.",
        213,
        severity=Severity.ERROR,
        title="all instances are about to be replaced at once",
    ),
    environment(
        Kind.INSTANCES_REPLACED,
        "Somebody else started an update of shop-prod at 12:33:20 UTC. The update has ended. All 4 instances are "
        "replaced, in batches. Since the update started: 4 instances removed and 4 launched. "
        "aws:autoscaling:launchconfiguration:ImageId changes from ami-1 to ami-2: all 4 instances are replaced, in "
        "batches.",
        214,
        severity=Severity.WARNING,
    ),
    environment(
        Kind.UPDATE_UNCLEAR,
        "Somebody else started an update of shop-prod at 12:33:20 UTC. Cannot tell, because Beanstalk does not "
        "show the settings that the update changes. The update may deploy a version or change the platform. If the "
        "platform changes, all 4 instances are replaced.",
        215,
    ),
    environment(
        Kind.UPDATE_ABORTED,
        "Wardrop aborted the update of shop-prod that started at 12:33:20 UTC: Beanstalk's events show no removed or "
        "launched instance. The update would have had this effect: all 4 instances are replaced at once: downtime.",
        216,
    ),
    environment(
        Kind.UPDATE_NOT_ABORTED,
        "Wardrop did not abort the update of shop-prod that started at 12:33:20 UTC: 1 instance removed and 0 launched "
        "already, and Beanstalk would replace instances again to revert the update. The effect of the update: all 4 "
        "instances are replaced, in batches.",
        217,
    ),
    environment(
        Kind.SETTINGS_DRIFTED,
        "Since shop-1.4.1 became good on 2026-01-01 09:12 UTC, settings of shop-prod have changed: "
        "aws:autoscaling:asg:MaxSize is 8, and was 4.",
        219,
    ),
    *CleanUpReport(
        deleted=38,
        applications=3,
        freed_bytes=8_480_000_000,
        quota=1000,
        versions_before=1000,
        versions_after=962,
        failures=["shop-7 of shop: An operation is in progress on it"],
        blocked=[],
        stopped=None,
        retry_may_help=True,
    ).alerts(at(1440), None),
    new_alert(
        Kind.DEAD_LETTERS,
        "alarm/DropsDeadAlarm/2026-01-02T12:40",
        at(220),
        "A drop could not be processed; its message is in the dead-letter queue. See the log of ReceiveDrop. "
        "The queue is DropsDead.",
    ),
    new_alert(
        Kind.DEAD_LETTERS_CLEARED,
        "alarm/DropsDeadAlarm/2026-01-02T13:10",
        at(250),
        "The alarm on DropsDead has ended.",
    ),
]


def notification(told: Alert) -> Notification:
    link = console(told.environment_id, "us-east-1", "aws") if told.environment_id else None
    return Notification(alert=told, channel="#wardrop", link=link)
