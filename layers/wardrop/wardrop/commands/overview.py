"""Reads the status and the history of the environments that the caller is allowed to view."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.commands import permission
from wardrop.commands.access import Access
from wardrop.commands.answers import Deployments, Environments, Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.permission import Right, has_right
from wardrop.commands.refusals import no_application_or_environment, no_environment
from wardrop.commands.requests import History, Status
from wardrop.commands.scope import Scope
from wardrop.commands.views import EnvironmentView, configuration_view, environment_view, with_history
from wardrop.configuration.in_force import InForce, Names
from wardrop.configuration.load import Configurations
from wardrop.configuration.parameter import Fault, FaultKind
from wardrop.deployments.change import EnvironmentRecord
from wardrop.environments.model import Environment
from wardrop.errors import NotNow

MOST_FLEETS = 5
"""The largest number of environments for which `status` reads the instances, with one call for each environment."""


@dataclass(frozen=True)
class Overview:
    beanstalk: Beanstalk
    ledger: Ledger
    configurations: Configurations

    def status(self, request: Status, caller: Caller) -> Environments | Refusal:
        """Omits environments that the caller is not allowed to view, and applications without visible environments.

        If the request names an application or an environment, and the caller is not allowed to view any of it, refuses
        the request.
        """
        environments = self._environments(request.of)
        if request.of is not None and not environments:
            return no_application_or_environment(request.of)
        scopes = self._scopes(environments, None if request.of else environments)
        viewed = {
            name: environment
            for name, environment in environments.items()
            if has_right(Right.VIEW, caller, scopes[environment.application].loaded.configuration, name)
        }
        if not viewed and environments and request.of is not None:
            name, environment = next(iter(environments.items()))
            scope = scopes[environment.application]
            return permission.not_listed(Right.VIEW, caller, scope, name)
        applications = sorted({environment.application for environment in viewed.values()})
        return Environments(
            environments=self._views(viewed, scopes, self._records(request, sorted(viewed))),
            configurations=[configuration_view(scopes[name]) for name in applications],
            quota=None if request.of else self.ledger.versions.room(),
        )

    def _records(self, request: Status, names: list[str]) -> Mapping[str, EnvironmentRecord]:
        ledger = self.ledger.environments
        return {name: ledger.read(name) for name in names} if request.of else ledger.read_all(names)

    def _views(
        self,
        environments: Mapping[str, Environment],
        scopes: Mapping[str, Scope],
        records: Mapping[str, EnvironmentRecord],
    ) -> list[EnvironmentView]:
        views = []
        for name, environment in sorted(environments.items()):
            reads_instances = environment.reports_instances and len(environments) <= MOST_FLEETS
            instances = self.beanstalk.instances(name) if reads_instances else None
            loaded = scopes[environment.application].loaded
            guard = loaded.rules(name).guard if loaded.configuration else None
            views.append(environment_view(environment, instances, records[name], guard))
        return views

    def _scopes(
        self, environments: Mapping[str, Environment], listed: Mapping[str, Environment] | None
    ) -> dict[str, Scope]:
        """Returns the scopes, keyed by application.

        If `listed` is None, an application's environments are read only if their names are needed.
        """

        def names(application: str) -> Names:
            def read() -> set[str]:
                existing = self.beanstalk.environments_of(application) if listed is None else listed
                return {each.name for each in existing.values() if each.application == application}

            return read

        applications = sorted({environment.application for environment in environments.values()})
        return {
            application: Scope(
                application,
                self.configurations.parameters.name(application),
                self._examined(application, names(application)),
            )
            for application in applications
        }

    def _examined(self, application: str, names: Names) -> InForce:
        """Examines a configuration. If the names in the document cannot be checked now, returns it with a fault."""
        try:
            return self.configurations.examine(application, names)
        except NotNow as error:
            fault = Fault(kind=FaultKind.UNAVAILABLE, reason=error.reason)
            return replace(self.configurations.examine(application), fault=fault)

    def _environments(self, name: str | None) -> dict[str, Environment]:
        if name is None:
            return self.beanstalk.all_environments()
        return self.beanstalk.environments([name]) or self.beanstalk.environments_of(name)

    def history(self, request: History, caller: Caller) -> Deployments | Refusal:
        name = request.environment
        finished = self.ledger.environments.history(name, request.limit)
        environment = self.beanstalk.environments([name]).get(name)
        if environment is None and not finished:
            return no_environment(name)
        application = environment.application if environment else finished[0].application
        if refusal := Access(self.beanstalk, self.configurations).refusal(request, caller, application, name):
            return refusal
        return Deployments(environment=name, deployments=[with_history(deployment) for deployment in finished])
