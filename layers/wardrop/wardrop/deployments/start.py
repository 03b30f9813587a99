"""Starts a deployment. If the settings must change, a separate update changes them before the version is deployed."""

from wardrop.configuration.rules import Guard
from wardrop.deployments import gate, leftovers, line, recover
from wardrop.deployments.availability import availability
from wardrop.deployments.bundle_plan import bundle_plan
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.replacement import NOT_READ, Replacement
from wardrop.deployments.situation import Need, Situation, alarms_needed
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import AskApproval, Deploy, End, Prepare, Step, Wait
from wardrop.environments import events, platform
from wardrop.environments.deployment_policy import required_changes
from wardrop.environments.model import Environment, Health
from wardrop.evidence.alarms import start_clause

WELL = (Health.OK, Health.INFO)
HEALTH = WaitsFor(WaitKind.HEALTH)
_NEEDS = Need.CONFIGURATION | Need.CURRENT_ENVIRONMENT | Need.INSTANCES | Need.SETTINGS


def needs(situation: Situation) -> Need:
    deployment = situation.deployment
    if deployment.rules.not_read is not None:
        return Need.CONFIGURATION
    barred = deployment.awaits_approval or line.obstacle(deployment, situation.standing, situation.now)
    if barred or not situation.environment.is_ready:
        return Need.NOTHING
    return _NEEDS | leftovers.needs(situation) | alarms_needed(deployment)


def start(situation: Situation) -> Step:
    deployment, standing, environment = situation.deployment, situation.standing, situation.environment
    if environment.application != deployment.application:
        return End(State.FAILED, f"{environment.name} now belongs to the application {environment.application}")
    if refused := _refusal(deployment, environment):
        return End(State.FAILED, f"{deployment.label} cannot be deployed: {refused}")
    # A user's request is refused only if its own label is quarantined. It is not refused if the same bytes are
    # quarantined under another label.
    release = None if deployment.asked else deployment.release
    if quarantined := standing.quarantine_of(deployment.label, release):
        return End(State.FAILED, quarantined.reason(deployment.label, environment.name))
    targets = {version.label for version in standing.rollback_targets(environment)}
    if deployment.is_requested_rollback and deployment.label not in targets:
        reason = f"{environment.name} was recreated after the request, or is now on another platform branch"
        return End(State.FAILED, f"Wardrop cannot roll back to {deployment.label}, because {reason}")
    if barrier := gate.barrier(situation):
        return barrier
    if deployment.replacement.is_undecided:
        return AskApproval(deployment.reason)
    if obstacle := line.obstacle(deployment, standing, situation.now):
        return obstacle
    if not environment.is_ready:
        return until_ready(environment)
    return _until_version_is_known(situation) or _prepare_or_deploy(situation)


def _refusal(deployment: Deployment, environment: Environment) -> str | None:
    """Returns the reason why the environment cannot run the bundle, or None if no reason is known.

    If Wardrop did not copy the bundle, it does not know the bundle's kind, and checks only the environment's tier.
    """
    release = deployment.target_release
    return platform.refusal(environment, release.key) if release else platform.refusal_by_tier(environment)


def _prepare_or_deploy(situation: Situation) -> AskApproval | Prepare | Deploy | End:
    deployment, environment, settings = situation.deployment, situation.environment, situation.settings
    planned, replacement = bundle_plan(situation)
    alarms = f"; {clause}" if situation.alarms and (clause := start_clause(situation.alarms)) else ""
    if replacement is not None and _is_held(deployment, replacement):
        return AskApproval(f"{gate.approval_sentence(deployment)}: {replacement.sentence}", replacement)
    if settings is None:
        return Deploy(f"{replacing(deployment, environment)}; {NOT_READ.sentence}{alarms}", NOT_READ)
    rules, instances = deployment.rules, situation.fleet.size(settings.min_size)
    try:
        options = required_changes(rules.policy, str(rules.batch), settings, instances)
    except ValueError as error:
        return End(State.FAILED, f"{deployment.label} cannot be deployed as configured: {error}")
    if options:
        changes = ", ".join(f"{name}={value}" for name, value in options.items())
        present = f"{environment.name} has the policy {settings.policy} with batches of {settings.batch}"
        return Prepare(options, f"{present}; Wardrop first sets {changes}")
    effect = availability(planned, replacement, settings, situation.fleet.count)
    return Deploy(f"{replacing(deployment, environment)}; {effect}{alarms}", replacement)


def _is_held(deployment: Deployment, replacement: Replacement) -> bool:
    """Whether the deployment must wait until the replacement is approved. A changed replacement needs a new approval.

    A request with `now` also waits. A requested rollback never waits, because it replaces a version that may be bad.
    """
    is_decided = replacement.id == deployment.replacement.approved
    return deployment.rules.guard is Guard.ABORT and not is_decided and not deployment.is_requested_rollback


def needs_when_prepared(situation: Situation) -> Need:
    if not situation.environment.is_ready:
        return Need.NOTHING
    return _NEEDS | Need.EVENTS | alarms_needed(situation.deployment)


def after_preparing(situation: Situation) -> Step:
    """Deploys the version when the options are in force, even if they were set outside Wardrop.

    If the options are not in force after `settle`, Wardrop repeats the call.

    Example with a `settle` of 3 min: UpdateEnvironment is called at 12:00:00, and the environment is Ready with the
    DateUpdated 12:01:00. If the settings are still the old ones at 12:03:59, Wardrop waits. At 12:04:00, it repeats the
    call.
    """
    deployment, environment, update = situation.deployment, situation.environment, situation.deployment.update
    if update is None or environment.id != update.environment_id:
        return End(State.FAILED, f"{environment.name} was terminated while its settings were changed")
    changing = WaitsFor(WaitKind.SETTINGS)
    if not environment.is_ready:
        return Wait(f"{environment.name} is {environment.status}: its settings are being changed", changing)
    step = gate.barrier(situation) or _prepare_or_deploy(situation)
    if not isinstance(step, Prepare):
        return step
    if errors := events.errors(situation.own_events):
        cause = events.first_cause(errors)
        return End(State.FAILED, f"the settings of {environment.name} could not be changed: {cause}")
    changed_at = max(update.claimed_at, environment.updated_at)
    if situation.now - changed_at < situation.settle:
        return Wait(f"{environment.name} does not show its new settings yet", changing)
    return recover.again(deployment, "the change of settings had no effect", step)


def adopted_label(situation: Situation) -> str | None:
    """Returns the label of the running version, or None if that version is not to be recorded as good.

    The running version is recorded only if all started instances run it and health is Ok or Info. Without this record,
    a rollback could skip a version that was deployed outside Wardrop, and deploy an older version. A user may request a
    deployment because the running version is bad. Therefore, before a requested deployment, the running version is
    recorded only if no good version is known.
    """
    good = situation.standing.good
    if situation.environment.health not in WELL or (good and situation.deployment.asked is not None):
        return None
    label = _unrecorded_label(situation)
    return label if label and situation.fleet.all_started_run(label) else None


def _unrecorded_label(situation: Situation) -> str | None:
    """Returns the label of the environment, if this version may be good but is not the last recorded one."""
    environment, standing, label = situation.environment, situation.standing, situation.environment.version_label
    if not label or label == situation.deployment.label or not environment.is_ready:
        return None
    if standing.quarantine_of(label):
        return None
    return None if [version.label for version in standing.good][:1] == [label] else label


def _until_version_is_known(situation: Situation) -> Wait | None:
    """Delays a drop for up to `settle` after an update, until it is known whether the running version is good.

    Health recovers in steps after an update, and instances report the new version some seconds later. If the drop
    fails, Wardrop can roll back only to a version that is recorded as good.

    Example with a `settle` of 3 min: a deployment of v1 outside Wardrop ends at 12:05:00. At 12:05:20 health is
    Warning, so the drop of v2 waits. At 12:06:00 health is Ok, so v1 is recorded as good and v2 is deployed. If health
    were still Warning at 12:08:00, v2 would be deployed, and v1 would not be recorded as good.
    """
    deployment, environment, label = situation.deployment, situation.environment, _unrecorded_label(situation)
    if deployment.asked is not None or not label or not situation.fleet.instances:
        return None
    if situation.now - environment.updated_at >= situation.settle:
        return None
    if not situation.fleet.all_started_run(label):
        doubt = f"not all instances report {label} yet"
    elif environment.health not in WELL:
        doubt = f"its health is {environment.health}"
    else:
        return None
    reason = f"{environment.name} has just been updated, and {doubt}"
    return Wait(f"{reason}; Wardrop waits until it is known whether {label} is good", HEALTH)


def until_ready(environment: Environment) -> Wait:
    reason = f"{environment.name} is {environment.status}; Wardrop waits until it is Ready"
    return Wait(reason, WaitsFor(WaitKind.NOT_READY, environment.status))


def replacing(deployment: Deployment, environment: Environment) -> str:
    return f"{environment.name} is Ready: {deployment.target_label} replaces {environment.version_label or 'nothing'}"
