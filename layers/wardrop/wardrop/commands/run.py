"""Executes requests: reads the state, calls a pure function for the decision, writes the change, and responds."""

from dataclasses import dataclass, replace
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.option_settings import OptionSettings
from wardrop.commands import permission
from wardrop.commands.access import Access
from wardrop.commands.answers import (
    Answer,
    Done,
    Refusal,
    RefusalCode,
)
from wardrop.commands.application_requests import ApplicationRequests
from wardrop.commands.approvals import approve, decline
from wardrop.commands.caller import Caller
from wardrop.commands.cancel import cancel
from wardrop.commands.compare_environments import EnvironmentComparer
from wardrop.commands.deploy import deploy
from wardrop.commands.follow import Follower
from wardrop.commands.overview import Overview
from wardrop.commands.pause import pause, resume
from wardrop.commands.plan_settings import SettingsPlanner
from wardrop.commands.queueing import RequestedVersion, Target
from wardrop.commands.refusals import (
    no_environment,
    refused_by_beanstalk,
    try_again,
)
from wardrop.commands.requests import (
    Approve,
    Cancel,
    CheckConfiguration,
    Clean,
    Decline,
    Deploy,
    Diff,
    EnvironmentRequest,
    FindDrop,
    Follow,
    ForgetConfiguration,
    History,
    Pause,
    Pin,
    PlanSettings,
    Request,
    Resume,
    Rollback,
    ShowConfiguration,
    Status,
    Unpin,
)
from wardrop.commands.rollback import rollback
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.in_force import InForce
from wardrop.configuration.load import Configurations
from wardrop.environments.model import Environment
from wardrop.errors import NotNow, Outdated, Refused
from wardrop.versions.plan import Plan

MOST_TRIES = 4
"""The maximum number of attempts. If another invocation changes the ledger during an attempt, Wardrop decides again."""


@dataclass(frozen=True)
class RunCommand:
    beanstalk: Beanstalk
    ledger: Ledger
    mailbox: Mailbox
    configurations: Configurations
    clean_ups: CleanUps
    option_settings: OptionSettings

    def __call__(self, request: Request, caller: Caller) -> Answer:
        try:
            match request:
                case Status():
                    return self._overview.status(request, caller)
                case History():
                    return self._overview.history(request, caller)
                case PlanSettings():
                    return self._plan_settings(request, caller)
                case Clean():
                    return self._access.refusal_of_clean_up(request, caller) or self._clean(request, caller)
                case FindDrop():
                    return self._follower.drop(request, caller)
                case Follow():
                    return self._follower.deployment(request, caller)
                case Diff():
                    return self._diff(request, caller)
                case Pin() | Unpin() | ForgetConfiguration() | CheckConfiguration() | ShowConfiguration():
                    return self._requests_of_applications(request, caller)
                case _:
                    return self._change(request, caller)
        except NotNow as error:
            return try_again(error.reason)
        except Refused as error:
            return refused_by_beanstalk(error.reason)

    @property
    def _access(self) -> Access:
        return Access(self.beanstalk, self.configurations)

    @property
    def _follower(self) -> Follower:
        return Follower(self.beanstalk, self.ledger, self._access)

    @property
    def _requests_of_applications(self) -> ApplicationRequests:
        return ApplicationRequests(self.beanstalk, self.ledger, self.configurations)

    @property
    def _overview(self) -> Overview:
        return Overview(self.beanstalk, self.ledger, self.configurations)

    def _plan_settings(self, request: PlanSettings, caller: Caller) -> Answer:
        environment = self.beanstalk.environments([request.environment]).get(request.environment)
        if environment is None:
            return no_environment(request.environment)
        if refusal := self._access.refusal(request, caller, environment.application, environment.name):
            return refusal
        return SettingsPlanner(self.beanstalk, self.option_settings, self.ledger)(request, environment)

    def _diff(self, request: Diff, caller: Caller) -> Answer:
        existing = self.beanstalk.environments([request.environment, request.other])
        for name in (request.environment, request.other):
            if name not in existing:
                return no_environment(name)
            if refusal := self._access.refusal(request, caller, existing[name].application, name):
                return refusal
        compare = EnvironmentComparer(self.option_settings)
        return compare(existing[request.environment], existing[request.other])

    # Changing an environment

    def _change(self, request: EnvironmentRequest, caller: Caller) -> Done | Refusal:
        for _ in range(MOST_TRIES):
            decision = self._decide(request, caller)
            if isinstance(decision, Refusal):
                return decision
            try:
                self.ledger.write(decision.change)
            except Outdated:
                continue
            cause = f"command/{caller.at.isoformat()}"
            self.mailbox.wake([WakeUp(environment=request.environment, cause=cause)])
            return Done(text=decision.text, deployment=decision.deployment)
        return try_again(f"the records of {request.environment} changed during all {MOST_TRIES} attempts")

    def _decide(self, request: EnvironmentRequest, caller: Caller) -> Accepted | Refusal:
        snapshot = self._snapshot(request.environment)
        if isinstance(snapshot, Refusal):
            return snapshot
        if (application := snapshot.application) is None:
            return no_environment(snapshot.name)
        scope = self._access.scope(application, snapshot.name, caller.at)
        if refusal := permission.refusal(request, caller, scope):
            return refusal
        match request:
            case Deploy() | Rollback():
                return self._decide_to_deploy(request, caller, snapshot, scope.loaded)
            case Approve():
                return approve(request, caller, snapshot)
            case Decline():
                return decline(request, caller, snapshot)
            case Cancel():
                return cancel(request, caller, snapshot)
            case Pause():
                return pause(request, caller, snapshot)
            case Resume():
                return resume(caller, snapshot)
            case _:
                assert_never(request)

    def _snapshot(self, name: str) -> EnvironmentSnapshot | Refusal:
        recorded = self.ledger.environments.read(name)
        environment = self.beanstalk.environments([name]).get(name)
        if environment is None and not recorded.deployments and not recorded.standing.revision:
            return no_environment(name)
        return EnvironmentSnapshot(
            name=name,
            standing=recorded.standing,
            active=recorded.deployments,
            environment=environment,
            finished=self.ledger.environments.history(name),
        )

    def _decide_to_deploy(
        self, request: Deploy | Rollback, caller: Caller, snapshot: EnvironmentSnapshot, loaded: InForce
    ) -> Accepted | Refusal:
        environment = snapshot.environment
        if environment is None:
            return no_environment(snapshot.name)
        label = request.label if isinstance(request, Deploy) else request.to
        target = self._target(environment, label, snapshot, loaded)
        if label is not None and label not in target.created_at:
            advice = f"drop the version's file, or see which versions were deployed: wardrop history {environment.name}"
            reason = f"{environment.application} has no version {label}"
            return Refusal(code=RefusalCode.NOT_FOUND, reason=reason, advice=advice)
        if isinstance(request, Deploy):
            version = self.ledger.versions.find(environment.application, request.label)
            release, origin = (version.release, version.origin) if version else (None, None)
            requested = RequestedVersion(request.label, release, origin)
            return deploy(request, caller, snapshot, target, requested)
        if environment.reports_instances:
            snapshot = replace(snapshot, instances=self.beanstalk.instances(environment.name))
        return rollback(request, caller, snapshot, target)

    def _target(
        self, environment: Environment, label: str | None, snapshot: EnvironmentSnapshot, loaded: InForce
    ) -> Target:
        labels = {label, environment.version_label, *(good.label for good in snapshot.standing.good)}
        created_at = self.beanstalk.versions(environment.application, sorted(label for label in labels if label))
        return Target(environment, loaded.rules(environment.name), created_at)

    def _clean(self, request: Clean, caller: Caller) -> Plan | Done:
        if request.dry_run:
            return self.clean_ups.plan(request.application)
        self.clean_ups.start(caller.name)
        effect = "it starts now, unless another clean-up is running; an alert will report what it did"
        return Done(text=f"a clean-up is requested; {effect}")
