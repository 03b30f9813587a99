"""Executes the requests about an application.

They pin or unpin a version, and check, show or forget the configuration.
"""

from dataclasses import dataclass
from typing import assert_never

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Pinnable
from wardrop.commands import permission
from wardrop.commands.access import Access
from wardrop.commands.answers import Checked, Done, Refusal, ShownConfiguration
from wardrop.commands.caller import Caller
from wardrop.commands.forget import forget
from wardrop.commands.refusals import no_version, try_again
from wardrop.commands.requests import (
    ApplicationRequest,
    CheckConfiguration,
    ForgetConfiguration,
    Pin,
    ShowConfiguration,
    Unpin,
)
from wardrop.commands.scope import Scope
from wardrop.commands.views import configuration_view
from wardrop.configuration.load import Configurations
from wardrop.configuration.schema import InvalidConfiguration
from wardrop.errors import Outdated


@dataclass(frozen=True)
class ApplicationRequests:
    beanstalk: Beanstalk
    ledger: Ledger
    configurations: Configurations

    def __call__(self, request: ApplicationRequest, caller: Caller) -> Done | Checked | ShownConfiguration | Refusal:
        scope = Access(self.beanstalk, self.configurations).scope(request.application, None, caller.at)
        if refusal := permission.refusal(request, caller, scope):
            return refusal
        match request:
            case Pin():
                return self._pin(request, caller)
            case Unpin():
                return self._unpin(request)
            case ForgetConfiguration():
                return self._forget(caller, scope)
            case CheckConfiguration():
                return self._check(request)
            case ShowConfiguration():
                document = scope.loaded.document
                return ShownConfiguration(
                    configuration=configuration_view(scope), document=document.text if document else None
                )
            case _:
                assert_never(request)

    def _check(self, request: CheckConfiguration) -> Checked:
        application = request.application
        try:
            configuration = self.configurations.check(
                request.document, lambda: self.beanstalk.environments_of(application)
            )
        except InvalidConfiguration as error:
            return Checked(application=application, problem=str(error))
        return Checked(application=application, environments=[entry.name for entry in configuration.entries])

    def _forget(self, caller: Caller, scope: Scope) -> Done | Refusal:
        decision = forget(caller, scope, self.ledger.configurations.read(scope.application))
        if isinstance(decision, Refusal):
            return decision
        record, alert = decision
        try:
            self.ledger.configurations.write(record, [alert])
        except Outdated:
            return try_again(f"the record of the configuration of {scope.application} changed during the request")
        return Done(text=alert.text)

    def _pin(self, request: Pin, caller: Caller) -> Done | Refusal:
        version = self._pinnable(request)
        if isinstance(version, Refusal):
            return version
        if not self.ledger.marks.pin(version, caller.name, caller.at):
            return try_again(f"clean-up is about to delete version {version.label} of {version.application}")
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
