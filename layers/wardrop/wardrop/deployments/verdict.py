"""Decides whether a version is live and good. The status Ready and the health colour Green are not sufficient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wardrop.deployments import overtaking
from wardrop.deployments.situation import Situation
from wardrop.deployments.update import UnacceptableHealth, Update
from wardrop.environments import events, fleet
from wardrop.environments.fleet import Fleet
from wardrop.environments.model import Environment, Event, Health
from wardrop.evidence import alarms
from wardrop.evidence.alarms import RaisedAlarm, raised_sentence

LOOKS_THAT_FAIL = 3
"""The number of consecutive evaluations that must find unacceptable health before a deployment fails.

Health must also have been unacceptable for `bad_for`. Example with a `bad_for` of 3 min: evaluations at 12:00:00,
12:01:00 and 12:02:00 find Severe. These are three evaluations, but only 2 min have passed, so the evaluation at
12:03:00 decides. Without the evaluations at 12:01:00 and 12:02:00, the evaluation at 12:03:00 is only the second, and
the next one decides.
"""


@dataclass(frozen=True)
class Proven:
    reason: str
    unknown: str | None = None
    """Names the evidence that could not be read. None: all evidence was read.

    The deployment succeeds only after all evidence has been read.
    """


@dataclass(frozen=True)
class Bad:
    reason: str
    ran_and_failed: bool = False
    """Whether an instance ran the version and failed. Missing permissions or capacity are not the version's fault."""


@dataclass(frozen=True)
class Undecided:
    """It is not known yet whether the version is good, so Wardrop waits. This verdict never fails a deployment."""

    reason: str


@dataclass(frozen=True)
class Unacceptable:
    """Health is unacceptable, but not yet for long enough to fail the deployment."""

    reason: str
    health: UnacceptableHealth


@dataclass(frozen=True)
class Overtaken:
    """Another version was deployed outside Wardrop before Wardrop's version was proven or rolled back."""

    reason: str
    ran_and_failed: bool = False


Verdict = Proven | Bad | Undecided | Unacceptable | Overtaken


def judge(situation: Situation, update: Update) -> Verdict:
    """Judges an update that Beanstalk has accepted.

    An error event of the update, or an alarm, counts as soon as the environment is Ready again. All other evidence
    counts only after `settle` has passed since the end of the update, because the API may show the old state or label
    until then.

    Example with a `settle` of 3 min: the update ends at 12:05:00. If the API shows the old label at 12:05:02, the
    verdict is undecided. If it still shows the old label at 12:08:00, the version is bad.
    """
    deployment, environment, reported = situation.deployment, situation.environment, situation.fleet
    label, own = deployment.target_label, situation.own_events
    if environment.id != update.environment_id:
        return Bad(f"{environment.name} was terminated while {label} was being deployed")
    if not environment.is_ready:
        return Undecided(f"{environment.name} is {environment.status}{reported.describe(label)}")
    over_at = ended_at(situation, update)
    if over_at is None:
        return Undecided(f"{environment.name} is Ready, but no event has reported the end of the update yet")
    if errors := events.errors(own):
        return _failed(situation, update, errors)
    is_settled = situation.now - over_at >= situation.settle
    if evidence := _evidence_against(environment, reported, label):
        return _judge_evidence(situation, update, evidence, is_settled=is_settled)
    if raised := [*_recorded(situation), *newly_raised(situation, update)]:
        return Bad(raised_sentence(raised), ran_and_failed=reported.any_runs(label))
    if missing := _missing(situation, update):
        return Undecided(missing)
    return _judge_health(situation, update, is_settled=is_settled)


def ended_at(situation: Situation, update: Update) -> datetime | None:
    """Returns the end of the update, from the event that reports it, or None if the end is not known yet.

    Without such an event, the end is the environment's DateUpdated, but only after `settle` has passed since then.

    Example without an event, and with a `settle` of 3 min: the environment is Ready with the DateUpdated
    12:05:00. The update counts as ended from 12:08:00 on.
    """
    if closing := events.end(situation.own_events):
        return closing.at
    ended = situation.environment.updated_at
    return ended if ended > update.environment_updated_at and situation.now - ended >= situation.settle else None


def _failed(situation: Situation, update: Update, errors: Sequence[Event]) -> Bad | Overtaken:
    label, reported = situation.deployment.target_label, situation.fleet
    failed = reported.failed(label, update.deployment_id)
    # If Beanstalk has already restored the old version, only the events show the failure, because the instance no
    # longer shows it.
    ran_and_failed = events.blame_the_version(errors) or (bool(failed) and not events.excuse_the_version(errors))
    running = [instance for instance in reported.instances if instance.version_label == label]
    unhealthy = [instance for instance in running if fleet.own_causes(instance)]
    causes = fleet.in_parentheses(unhealthy[0]) if unhealthy else ""
    reason = f"{events.first_cause(errors)}{causes}{reported.describe(label)}"
    shown = situation.environment.version_label
    is_gone = label not in reported.labels | {shown}
    others = overtaking.deployed_since(situation, update)
    # The reports of the instances may be older than the label, which shows the last successful deployment.
    if others and (is_gone or shown in others):
        return Overtaken(f"{reason}; somebody else then deployed {', '.join(others)}", ran_and_failed)
    return Bad(reason, ran_and_failed)


def _evidence_against(environment: Environment, reported: Fleet, label: str) -> str | None:
    if environment.version_label != label:
        return f"{environment.name} has {environment.version_label}, not {label}{reported.describe(label)}"
    for instance in reported.instances:
        if instance.deployment_status == fleet.FAILED:
            causes = fleet.in_parentheses(instance)
            failed = instance.version_label or "a deployment"
            return f"{failed} failed on instance {instance.id}{causes}{reported.describe(label)}"
        if instance.version_label not in (None, label):
            return f"instance {instance.id} runs {instance.version_label}, not {label}{reported.describe(label)}"
    return None


def _judge_evidence(situation: Situation, update: Update, evidence: str, *, is_settled: bool) -> Verdict:
    """If another update began later, the evidence counts when `settle` has passed since the end of both updates.

    The events of the other update may appear later than its DateUpdated.
    """
    label, environment = situation.deployment.target_label, situation.environment
    since = environment.updated_at
    if others := overtaking.deployed_since(situation, update):
        return Overtaken(f"somebody else deployed {', '.join(others)} before {label} was proven: {evidence}")
    if later := overtaking.later_start(situation, update):
        since = max(later.at, since)
        evidence += f"; another update of {environment.name} started at {later.at:%H:%M:%S}, before {label} was proven"
    if is_settled and situation.now - since >= situation.settle:
        return Bad(evidence, ran_and_failed=bool(situation.fleet.failed(label, update.deployment_id)))
    return Undecided(f"{evidence}; Wardrop waits, because an update has just ended")


def newly_raised(situation: Situation, update: Update) -> list[RaisedAlarm]:
    """Returns the alarms that went into ALARM after the update started, and that the ledger does not record yet."""
    if situation.alarms is None:
        return []
    return alarms.newly_raised(situation.deployment.watched_alarms, situation.alarms, _started_at(situation, update))


def _started_at(situation: Situation, update: Update) -> datetime:
    """Returns the start of the update, preferably by Beanstalk's clock. Lambda's clock may differ from CloudWatch's."""
    environment = situation.environment
    if starts := events.starts(situation.own_events):
        return starts[0].at
    is_shown = not environment.is_ready and environment.updated_at > update.environment_updated_at
    return environment.updated_at if is_shown else update.claimed_at


def _recorded(situation: Situation) -> Sequence[RaisedAlarm]:
    deployment = situation.deployment
    return deployment.alarms.raised if deployment.alarms and deployment.rollback is None else ()


def _missing(situation: Situation, update: Update) -> str | None:
    """Describes the missing reports, or returns None if no report is missing or health reporting is basic."""
    name, label, reported = situation.environment.name, situation.deployment.target_label, situation.fleet
    if reported.has_basic_health and not update.reports_instances:
        return None
    if not reported.is_reported:
        return f"the instances of {name} no longer report their versions"
    if not reported.instances:
        return f"{name} has no instances that could report {label}"
    silent = [instance.id for instance in reported.instances if not instance.runs(label)]
    if silent:
        return f"{', '.join(silent)} {'has' if len(silent) == 1 else 'have'} not yet reported {label} as deployed"
    # If a version is deployed again, the instances already report this version before the update reaches them.
    before = [instance.id for instance in reported.instances if not instance.runs_since(label, update.deployment_id)]
    return f"{', '.join(before)} reported {label} from a deployment before this update" if before else None


def _judge_health(situation: Situation, update: Update, *, is_settled: bool) -> Verdict:
    deployment, environment, reported = situation.deployment, situation.environment, situation.fleet
    label, health = deployment.target_label, environment.health
    if health.severity is None:
        return Undecided(f"the health of {environment.name} is {health}")
    if is_acceptable(health, deployment.rules.accept, update.health):
        unknown = situation.alarms.unknown if situation.alarms else None
        if reported.has_basic_health:
            proof = (
                f"{environment.name} has {label} and its health is {health}; with basic health, instances do not "
                "report their versions"
            )
        else:
            proof = f"all {len(reported.instances)} instances run {label} and health is {health}"
        if situation.alarms and unknown is None:
            proof = f"{proof}, and {alarms.none_counts_clause(deployment.watched_alarms)}"
        return Proven(proof, unknown)
    before = deployment.timers.unacceptable or UnacceptableHealth(since=situation.now, looks=0)
    since, looks = before.since, before.looks + 1
    causes = f" ({reported.causes()})" if reported.causes() else ""
    count = "1 evaluation has" if looks == 1 else f"{looks} evaluations have"
    reason = f"health is {health}{causes}; {count} found unacceptable health since {since:%H:%M:%S}"
    if is_settled and situation.now - since >= deployment.rules.bad_for and looks >= LOOKS_THAT_FAIL:
        return Bad(reason, ran_and_failed=reported.any_runs(label))
    return Unacceptable(reason, UnacceptableHealth(since=since, looks=looks))


def is_acceptable(health: Health, accept: Sequence[Health], before: Health) -> bool:
    """Whether health is no more severe than the worst accepted status, or no more severe than `before`.

    If `before` is Severe, it is ignored.
    """
    limits = accept if before is Health.SEVERE else (*accept, before)
    return any(limit.is_at_least(health) for limit in limits)
