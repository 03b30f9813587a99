"""One look at one environment, and the step that it allows, carried out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

import msgspec

from wardrop.alerts.kinds import Kind
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.configuration.load import Configurations
from wardrop.deployments import lifecycle
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import AutomaticRollback, Deployment, Update, promoted
from wardrop.deployments.record import EnvironmentRecord as Now
from wardrop.deployments.standing import GoodVersion, Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State
from wardrop.deployments.steps import (
    Adopt,
    AskApproval,
    Bake,
    Deploy,
    End,
    Prepare,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Step,
    Wait,
)
from wardrop.environments.model import Environment, Instance, Observed
from wardrop.environments.settings import DeploymentSettings, read_settings
from wardrop.environments.version import Release
from wardrop.errors import NotNow, Refused

FRESH = timedelta(seconds=10)
"""What a wake-up saw may be this old and still stand for the present, except where a deployment starts."""

PREFLIGHT = timedelta(minutes=10)
"""For so long the settings that were read of an environment count."""

JUST_MADE = timedelta(minutes=5)
"""For so long nobody has to ask whether Beanstalk's version is still the one that was made."""

KEPT_GOOD = 20
KEPT_QUARANTINED = 50


@dataclass(frozen=True)
class Look:
    """What a look led to, for the log and the metrics."""

    label: str | None
    step: Step | None
    reason: str


@dataclass(frozen=True)
class AdvanceDeployment:
    beanstalk: Beanstalk
    bundles: Bundles
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    settle: timedelta

    def __call__(self, environment: str, wake_ups: Sequence[WakeUp], now: datetime) -> Look:
        """Take one step. Raises NotNow where only time can help, and Outdated if somebody else took one."""
        known = self._supersede(self.ledger.now(environment), now)
        deployment = lifecycle.in_hand(known.deployments)
        if deployment is None:
            return Look(None, None, "there is no active deployment")
        observed = self._observe(deployment, known, wake_ups, now)
        step = lifecycle.advance(deployment, known.standing, observed, self.settle, now)
        self._carry_out(step, deployment, known, observed, now)
        return Look(deployment.label, step, step.reason)

    def _supersede(self, known: Now, now: datetime) -> Now:
        waiting = [one for one in known.deployments if one.is_waiting]
        ended = lifecycle.superseded(waiting, known.standing)
        for deployment, end in ended:
            moved = deployment.moved(end.state, end.reason, now)
            self.ledger.write(Change([moved], alerts=[alert_of(moved)]))
        gone = {deployment.id for deployment, _ in ended}
        return replace(known, deployments=[one for one in known.deployments if one.id not in gone])

    def _observe(self, deployment: Deployment, known: Now, wake_ups: Sequence[WakeUp], now: datetime) -> Observed:
        """As few calls as the deployment's state needs: most looks find the environment still Updating."""
        environment = _seen(wake_ups, deployment.update.claimed_at if deployment.update else None, now)
        barred = deployment.is_waiting and (
            deployment.needs_approval or lifecycle.obstacle(deployment, known.standing, now)
        )
        starts = deployment.update is None or deployment.state is State.PREPARING
        if environment is None or (starts and environment.is_ready and not barred):
            environment = self.beanstalk.environments([deployment.environment]).get(deployment.environment)
        if environment is None or barred:
            return Observed(environment)
        unanswered = deployment.update is not None and deployment.update.request_id is None
        if not environment.is_ready and (not unanswered or deployment.state is State.PREPARING):
            return Observed(environment, instances=self._fleet(deployment, environment))
        events = (
            self.beanstalk.events(environment.name, deployment.update.environment_updated_at)
            if deployment.update is not None
            else []
        )
        instances = self.beanstalk.instances(environment.name) if environment.reports_instances else None
        return Observed(environment, events, instances, self._preflight(deployment, environment, known, now))

    def _fleet(self, deployment: Deployment, environment: Environment) -> tuple[Instance, ...] | None:
        """How far Beanstalk is; nothing depends on it."""
        update = deployment.update
        if update is None or update.request_id is None or not environment.reports_instances:
            return None
        if deployment.state is State.PREPARING:
            return None
        try:
            return self.beanstalk.instances(environment.name)
        except NotNow:
            return None

    def _preflight(
        self, deployment: Deployment, environment: Environment, known: Now, now: datetime
    ) -> DeploymentSettings | None:
        """What stands in the ledger, if nothing has changed since; settings that were to change are read anew."""
        if not deployment.is_waiting and deployment.state is not State.PREPARING:
            return None
        found = known.preflight
        stale = found is None or now - found.at > PREFLIGHT or found.at < environment.updated_at
        if found is None or stale or deployment.state is State.PREPARING:
            settings = self.beanstalk.settings(environment.application, environment.name)
            room = found.version_quota_use if found is not None else None
            return msgspec.structs.replace(read_settings(settings, environment.tier, now), version_quota_use=room)
        return found

    def _carry_out(self, step: Step, deployment: Deployment, known: Now, observed: Observed, now: datetime) -> None:
        match step:
            case Deploy() | Prepare():
                self._update(step, deployment, known, observed, now)
            case Adopt():
                adopted = deployment.answered(step.request_id).moved(deployment.state, step.reason, now)
                self.ledger.write(Change([adopted], alerts=[] if deployment.rollback else [alert_of(adopted)]))
            case Requeue():
                self._requeue(deployment, step.reason, now)
            case Recheck():
                self._note(deployment, step)
            case Remind():
                told = deployment.with_reminder().moved(deployment.state, step.reason, now)
                self.ledger.write(Change([told], alerts=[alert_of(told, Kind.DEPLOYMENT_OVERDUE)]))
            case Report():
                further = deployment.progressed(step.progress).moved(deployment.state, step.reason, now)
                self.ledger.write(Change([further], alerts=[alert_of(further, Kind.DEPLOYMENT_PROGRESSED)]))
            case AskApproval():
                if deployment.state is not State.AWAITING_APPROVAL:
                    asking = deployment.moved(State.AWAITING_APPROVAL, step.reason, now)
                    self.ledger.write(Change([asking], alerts=[alert_of(asking)]))
            case Bake():
                baking = deployment.baking(step.reason, now)
                self.ledger.write(Change([baking], alerts=[alert_of(baking)]))
            case RollBack():
                self._roll_back(deployment, known, observed, step, now)
            case End():
                self._end(deployment, known, observed, step, now)
            case Wait():
                if deployment.is_waiting and step.reason != deployment.reason:
                    self._wait(deployment, step.reason, now)
            case _:
                assert_never(step)

    def _note(self, deployment: Deployment, step: Recheck) -> None:
        if step.timers != deployment.timers:
            self.ledger.write(Change([deployment.timed(step.timers, step.reason)]))

    def _wait(self, deployment: Deployment, reason: str, now: datetime) -> None:
        waiting = deployment.moved(State.QUEUED, reason, now)
        self.ledger.write(Change([waiting], alerts=[alert_of(waiting, Kind.DEPLOYMENT_WAITING)]))

    def _requeue(self, deployment: Deployment, reason: str, now: datetime) -> None:
        void = deployment.unclaimed().with_lost_answer()
        if deployment.rollback is None:
            self._wait(void, reason, now)
        else:
            self.ledger.write(Change([void.moved(State.ROLLING_BACK, reason, now)]))

    def _update(
        self, step: Deploy | Prepare, deployment: Deployment, known: Now, observed: Observed, now: datetime
    ) -> None:
        """Claim first, call second: if this stops in between, the next look finds out what became of it."""
        environment = observed.environment
        if environment is None:
            raise ValueError("nothing to deploy to")
        if wrong := self._disproof(deployment, now):
            state = State.ROLLBACK_FAILED if deployment.rollback else State.FAILED
            end = End(state, f"{deployment.target_label} cannot be deployed: {wrong}")
            self._end(deployment, known, observed, end, now)
            return
        self._take_over(deployment, known, now)
        state, standing = State.ROLLING_BACK, known.standing
        if deployment.rollback is None:
            state = State.PREPARING if isinstance(step, Prepare) else State.DEPLOYING
            standing = self._started(deployment, known.standing, observed, environment, now)
        again = deployment.state is State.PREPARING and isinstance(step, Prepare)
        moved = (deployment.with_lost_answer() if again else deployment).moved(state, step.reason, now)
        claim = moved.claiming(_update_of(environment, observed, now), observed.preflight)
        is_new = observed.preflight is not known.preflight
        [claimed] = self.ledger.write(
            Change(
                [claim],
                standing=standing if standing != known.standing else None,
                settings={environment.name: observed.preflight} if observed.preflight and is_new else {},
            )
        )
        try:
            if isinstance(step, Prepare):
                request_id = self.beanstalk.configure(environment.id, step.options)
            else:
                request_id = self.beanstalk.update(environment.id, deployment.target_label)
        except NotNow as error:
            self._step_back(deployment, claimed, error, now)
            raise
        except Refused as error:
            state = State.ROLLBACK_FAILED if deployment.rollback else State.FAILED
            self._end(claimed, known, observed, End(state, f"Beanstalk refused: {error.reason}"), now)
        else:
            told = [] if again or deployment.rollback else [alert_of(claimed)]
            self.ledger.write(Change([claimed.answered(request_id)], alerts=told))

    def _step_back(self, before: Deployment, claimed: Deployment, error: NotNow, now: datetime) -> None:
        """Nothing has begun: the history need not tell of each try, only of another reason to wait."""
        back = msgspec.structs.replace(before.unclaimed(), revision=claimed.revision)
        if not before.is_waiting:
            state = State.ROLLING_BACK if before.rollback else State.QUEUED
            self.ledger.write(Change([msgspec.structs.replace(back, state=state)]))
        elif error.reason == before.reason:
            self.ledger.write(Change([back]))
        else:
            self._wait(back, error.reason, now)

    def _started(
        self, deployment: Deployment, standing: Standing, observed: Observed, environment: Environment, now: datetime
    ) -> Standing:
        """The newest drop that was started; and what it finds running well, whoever put that there."""
        newest = max(standing.newest or deployment.arrival, deployment.arrival)
        good, label = standing.good, lifecycle.adopted(deployment, standing, observed)
        if label is not None:
            version = self.ledger.version(deployment.application, label)
            adopted = _good(label, version.release if version else None, environment, now)
            good = [adopted, *(one for one in good if one.label != label)][:KEPT_GOOD]
        return msgspec.structs.replace(standing, newest=newest, good=good)

    def _take_over(self, deployment: Deployment, known: Now, now: datetime) -> None:
        """What still bakes makes way for what a person wants now."""
        for baking in known.deployments:
            if baking.id != deployment.id and baking.state is State.BAKING:
                who = deployment.asked.by if deployment.asked else "nobody"
                reason = f"{deployment.label} takes its place before it was proven, as {who} asked"
                moved = baking.moved(State.SUPERSEDED, reason, now)
                self.ledger.write(Change([moved], alerts=[alert_of(moved)]))

    def _disproof(self, deployment: Deployment, now: datetime) -> str | None:
        """Why the label that is wanted no longer stands for the bytes that were dropped, if so."""
        fresh = deployment.asked is None and now - deployment.arrival[0] < JUST_MADE
        just_made = deployment.rollback is None and fresh
        return self._wrong(
            deployment.application, deployment.target_label, deployment.target_release, just_made=just_made
        )

    def _wrong(self, application: str, label: str, release: Release | None, *, just_made: bool = False) -> str | None:
        if release is None:
            there = self.beanstalk.has_version(application, label)
            return None if there else f"Beanstalk has no version {label} any more"
        if wrong := self.bundles.prove(release):
            return wrong
        if just_made or self.beanstalk.stands_for(application, label, release.bucket, release.key):
            return None
        return f"in Beanstalk {label} does not stand for its bundle {release.place} any more"

    def _roll_back(self, deployment: Deployment, known: Now, observed: Observed, step: RollBack, now: datetime) -> None:
        wrongs = []
        for target in step.targets:
            if wrong := self._wrong(deployment.application, target.label, target.release):
                wrongs.append(f"{target.label}: {wrong}")
                continue
            reason = f"{step.reason}; going back to {target.label}"
            rollback = AutomaticRollback(
                target=target,
                environment_updated_at=step.environment_updated_at,
                deployment_id=max((one.deployment_id for one in observed.instances or ()), default=0),
            )
            back = deployment.rolling_back(rollback, reason, now)
            standing = _quarantining(known.standing, deployment, step.reason, now) if step.quarantine else None
            self.ledger.write(Change([back], standing, alerts=[alert_of(back)]))
            self.mailbox.wake([WakeUp(environment=deployment.environment, cause=f"back/{deployment.id}")])
            return
        reason = f"{step.reason}; nothing good can be put back ({'; '.join(wrongs)})"
        self._end(deployment, known, observed, End(State.FAILED, reason, step.quarantine), now)

    def _end(self, deployment: Deployment, known: Now, observed: Observed, end: End, now: datetime) -> None:
        withheld = lifecycle.withheld(deployment, known.standing) if end.state is State.SUCCEEDED else None
        ended = deployment.moved(end.state, f"{end.reason}; {withheld}" if withheld else end.reason, now)
        standing, told = known.standing, [alert_of(ended)]
        promoted: list[Deployment] = []
        peers: list[Standing] = []
        if end.quarantine:
            standing = _quarantining(standing, deployment, end.reason, now)
        if end.state is State.ROLLBACK_FAILED:
            standing = msgspec.structs.replace(
                standing, hold=Hold(by="Wardrop", at=now, because=end.reason, label=deployment.target_label)
            )
        if end.state is State.SUCCEEDED and observed.environment is not None:
            standing = _proven(standing, deployment, observed.environment, now)
            if withheld is None:
                promoted, peers = self._promote(ended, now)
                told += [alert_of(one) for one in promoted]
        changed = standing if standing != known.standing else None
        self.ledger.write(Change([ended, *promoted], changed, unchanged=peers, alerts=told))
        woken = [WakeUp(environment=one.environment, cause=one.id) for one in promoted]
        if len(known.deployments) > 1:
            woken.append(WakeUp(environment=deployment.environment, cause=f"after/{deployment.id}"))
        if woken:
            self.mailbox.wake(woken)

    def _promote(self, good: Deployment, now: datetime) -> tuple[list[Deployment], list[Standing]]:
        """The next stage's deployments, once all of this stage are good.

        With them the peers' standings on which that rests: two that become good at once see each other.
        """
        if not good.promotes:
            return [], []
        configured = self.configurations.in_force(good.application, now)
        names = configured.stage_after(good.environment)
        peers = [self.ledger.now(name).standing for name in good.stage if name != good.environment]
        if not names or any(not lifecycle.agrees(one, good.label) for one in peers):
            return [], peers
        return [promoted(good, configured.rules(name), names, name, now) for name in names], peers


def _seen(wake_ups: Sequence[WakeUp], since: datetime | None, now: datetime) -> Environment | None:
    """The newest of what the wake-ups saw, if it is fresh and not from before the claim."""
    oldest = max(since or now - FRESH, now - FRESH)
    seen = [(one.seen_at, one.seen) for one in wake_ups if one.seen and one.seen_at and one.seen_at > oldest]
    return max(seen, key=lambda pair: pair[0])[1] if seen else None


def _update_of(environment: Environment, observed: Observed, now: datetime) -> Update:
    return Update(
        claimed_at=now,
        environment_id=environment.id,
        environment_updated_at=environment.updated_at,
        deployment_id=max((one.deployment_id for one in observed.instances or ()), default=0),
        health=environment.health,
        version_label=environment.version_label,
        reports_instances=environment.reports_instances,
    )


def _good(label: str, release: Release | None, environment: Environment, now: datetime) -> GoodVersion:
    return GoodVersion(
        label=label, at=now, environment_id=environment.id, platform=environment.platform, release=release
    )


def _proven(standing: Standing, deployment: Deployment, environment: Environment, now: datetime) -> Standing:
    label = deployment.label
    older = [one for one in standing.good if one.label != label]
    good = [_good(label, deployment.release, environment, now), *older][:KEPT_GOOD]
    cleared = [one for one in standing.quarantined if one.label != label]
    return msgspec.structs.replace(standing, good=good, quarantined=cleared)


def _quarantining(standing: Standing, deployment: Deployment, because: str, now: datetime) -> Standing:
    others = [one for one in standing.quarantined if one.label != deployment.label]
    added = QuarantinedVersion(label=deployment.label, at=now, because=because)
    return msgspec.structs.replace(standing, quarantined=[added, *others][:KEPT_QUARANTINED])
