"""Reads the configuration of an application, and checks whether it allows a caller to send a request."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.aws.beanstalk import Beanstalk
from wardrop.commands import permission
from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.requests import Clean, Request
from wardrop.commands.scope import Scope
from wardrop.configuration.load import Configurations


@dataclass(frozen=True)
class Access:
    beanstalk: Beanstalk
    configurations: Configurations

    def scope(self, application: str, environment: str | None, now: datetime) -> Scope:
        """Reads the scope of a request. If the configuration has a fault, an alert reports the fault."""
        loaded = self.configurations.load(application, lambda: self.beanstalk.environments_of(application), now)
        return Scope(application, self.configurations.parameters.name(application), loaded, environment)

    def refusal(self, request: Request, caller: Caller, application: str, environment: str | None) -> Refusal | None:
        """Returns a refusal, or None if the caller is allowed to send the request."""
        return permission.refusal(request, caller, self.scope(application, environment, caller.at))

    def refusal_of_clean_up(self, request: Clean, caller: Caller) -> Refusal | None:
        """Returns a refusal, or None if the caller is allowed to request the clean-up.

        A request that names no application affects all applications, so the caller needs the right in each of them.
        """
        applications = [request.application] if request.application else self._applications()
        refusals = (self.refusal(request, caller, application, None) for application in applications)
        return next((refusal for refusal in refusals if refusal), None)

    def _applications(self) -> list[str]:
        return sorted({environment.application for environment in self.beanstalk.all_environments().values()})
