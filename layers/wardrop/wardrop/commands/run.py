"""Executes requests. Reads the state, calls a pure function that decides, writes the change, and answers."""

from dataclasses import dataclass, replace
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Pinnable
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.option_settings import OptionSettings
from wardrop.commands.answers import (
    Answer,
    Deployments,
    Done,
    Environments,
    Refusal,
    RefusalCode,
)
from wardrop.commands.approvals import approve, decline
from wardrop.commands.caller import Caller
from wardrop.commands.cancel import cancel
from wardrop.commands.deploy import deploy
from wardrop.commands.pause import pause, resume
from wardrop.commands.plan_settings import SettingsPlanner
from wardrop.commands.queueing import RequestedVersion, Target
from wardrop.commands.refusals import (
    no_application_or_environment,
    no_environment,
    no_version,
    refused_by_beanstalk,
    try_again,
)
from wardrop.commands.requests import (
    Approve,
    Cancel,
    Clean,
    Decline,
    Deploy,
    EnvironmentRequest,
    History,
    Pause,
    Pin,
    PlanSettings,
    Request,
    Resume,
    Rollback,
    Status,
    Unpin,
)
from wardrop.commands.rollback import rollback
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.commands.views import ConfigurationView, configuration_view, environment_view, with_history
from wardrop.configuration.load import Configurations
from wardrop.environments.model import Environment
from wardrop.errors import NotNow, Outdated, Refused, Unavailable
from wardrop.versions.plan import Plan

MOST_TRIES = 4
"""The number of attempts. If another invocation changes the ledger during an attempt, the request is decided again."""

MOST_FLEETS = 5
"""The number of environments up to which `status` reads instances, with one call for each environment."""


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
                    return self._status(request)
                case History():
                    return self._history(request)
                case Pin():
                    return self._pin(request, caller)
                case Unpin():
                    return self._unpin(request)
                case Clean():
                    return self._clean(request, caller)
                case PlanSettings():
                    return SettingsPlanner(self.beanstalk, self.option_settings, self.ledger)(request)
                case _:
                    return self._change(request, caller)
        except NotNow as error:
            return try_again(error.reason)
        except Refused as error:
            return refused_by_beanstalk(error.reason)

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
            return Done(text=decision.text, deployment=decision.queued)
        return try_again(f"other changes of {request.environment} were written first, {MOST_TRIES} times")

    def _decide(self, request: EnvironmentRequest, caller: Caller) -> Accepted | Refusal:
        snapshot = self._snapshot(request.environment)
        if isinstance(snapshot, Refusal):
            return snapshot
        match request:
            case Deploy() | Rollback():
                return self._decide_to_deploy(request, caller, snapshot)
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
        self, request: Deploy | Rollback, caller: Caller, snapshot: EnvironmentSnapshot
    ) -> Accepted | Refusal:
        environment = snapshot.environment
        if environment is None:
            return no_environment(snapshot.name)
        label = request.label if isinstance(request, Deploy) else request.to
        target = self._target(environment, label, caller, snapshot)
        if label is not None and label not in target.created_at:
            advice = f"drop the version's file, or see which versions were deployed: history {environment.name}"
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
        self, environment: Environment, label: str | None, caller: Caller, snapshot: EnvironmentSnapshot
    ) -> Target:
        labels = {label, environment.version_label, *(good.label for good in snapshot.standing.good)}
        created_at = self.beanstalk.versions(environment.application, sorted(label for label in labels if label))
        rules = self.configurations.in_force(environment.application, caller.at).rules(environment.name)
        return Target(environment, rules, created_at)

    # Versions

    def _pin(self, request: Pin, caller: Caller) -> Done | Refusal:
        version = self._pinnable(request)
        if isinstance(version, Refusal):
            return version
        if not self.ledger.marks.pin(version, caller.name, caller.at):
            return try_again(f"clean-up is about to delete {version.label} of {version.application}")
        text = f"{version.label} of {version.application} is pinned by {caller.name}; clean-up keeps it"
        return Done(text=text)

    def _unpin(self, request: Unpin) -> Done | Refusal:
        version = self._pinnable(request)
        if isinstance(version, Refusal):
            return version
        self.ledger.marks.unpin(version)
        return Done(text=f"{version.label} of {version.application} is no longer pinned")

    def _pinnable(self, request: Pin | Unpin) -> Pinnable | Refusal:
        application, label = request.application, request.label
        reserved = self.ledger.versions.find(application, label) is not None
        if not reserved and not self.beanstalk.has_version(application, label):
            return no_version(application, label)
        return Pinnable(application, label, reserved)

    def _clean(self, request: Clean, caller: Caller) -> Plan | Done:
        if request.dry_run:
            return self.clean_ups.plan(request.application)
        self.clean_ups.start(caller.name)
        return Done(text="clean-up has started; an alert will report what it did")

    # Reading

    def _status(self, request: Status) -> Environments | Refusal:
        environments = self._environments(request.of)
        if request.of is not None and not environments:
            return no_application_or_environment(request.of)
        views = []
        for name, environment in sorted(environments.items()):
            reads_instances = environment.reports_instances and len(environments) <= MOST_FLEETS
            instances = self.beanstalk.instances(name) if reads_instances else None
            views.append(environment_view(environment, instances, self.ledger.environments.read(name)))
        applications = sorted({environment.application for environment in environments.values()})
        configurations = [self._configuration(name, None if request.of else environments) for name in applications]
        return Environments(environments=views, configurations=configurations)

    def _configuration(self, application: str, listed: dict[str, Environment] | None) -> ConfigurationView:
        """`listed` are all environments. If it is None, the environments of the application are read."""
        if listed is None:
            listed = self.beanstalk.environments_of(application)
        names = {environment.name for environment in listed.values() if environment.application == application}
        parameter = self.configurations.parameters.name(application)
        try:
            return configuration_view(application, parameter, self.configurations.examine(application, names))
        except (NotNow, Unavailable) as error:
            return ConfigurationView(application=application, parameter=parameter, source=None, error=error.reason)

    def _environments(self, name: str | None) -> dict[str, Environment]:
        if name is None:
            return self.beanstalk.all_environments()
        return self.beanstalk.environments([name]) or self.beanstalk.environments_of(name)

    def _history(self, request: History) -> Deployments | Refusal:
        name = request.environment
        finished = self.ledger.environments.history(name, request.limit)
        if not finished and not self.beanstalk.environments([name]):
            return no_environment(name)
        return Deployments(environment=name, deployments=[with_history(deployment) for deployment in finished])
