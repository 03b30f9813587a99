"""Builds the adapters that several functions share. The function's environment variables configure the adapters."""

from functools import cached_property
from typing import TYPE_CHECKING

from wardrop.aws import clients
from wardrop.variables import Variables

if TYPE_CHECKING:
    from wardrop.alerts.send import SlackRoute
    from wardrop.aws.bundles import Bundles
    from wardrop.aws.clean_ups import CleanUps
    from wardrop.aws.cloudwatch import Alarms
    from wardrop.aws.guard_requests import GuardRequests
    from wardrop.aws.instance_logs import InstanceLogs
    from wardrop.aws.ledger.ledger import Ledger
    from wardrop.aws.ledger.table import Table
    from wardrop.aws.mailbox import Mailbox
    from wardrop.configuration.check import AllowedFunctions
    from wardrop.configuration.load import Configurations
    from wardrop.evidence.gather import GatherEvidence
    from wardrop.evidence.run_checks import Checks


class Adapters:
    """The shared adapters. Each adapter is created once, when it is first used.

    Each property imports the modules that it needs, so that a function does not load another function's SDK.
    """

    def __init__(self, variables: Variables) -> None:
        self._variables = variables

    @cached_property
    def table(self) -> "Table":
        from wardrop.aws.ledger.table import Table

        return Table(clients.dynamodb(), self._variables.text("LEDGER_TABLE"))

    @cached_property
    def ledger(self) -> "Ledger":
        from wardrop.aws.deployment_story import report
        from wardrop.aws.ledger.ledger import Ledger

        return Ledger(self.table, report)

    @cached_property
    def mailbox(self) -> "Mailbox":
        from wardrop.aws.mailbox import Mailbox

        return Mailbox(clients.sqs(), self._variables.text("MAILBOX_URL"))

    @cached_property
    def guard_requests(self) -> "GuardRequests":
        from wardrop.aws.guard_requests import GuardRequests

        return GuardRequests(clients.sqs(), self._variables.text("GUARD_REQUESTS_URL"))

    @cached_property
    def bundles(self) -> "Bundles":
        from wardrop.aws.bundles import Bundles

        return Bundles(clients.s3(), self._variables.text("RELEASE_BUCKET"))

    @cached_property
    def configurations(self) -> "Configurations":
        from wardrop.aws.parameters import Parameters
        from wardrop.configuration.load import Configurations

        return Configurations(
            parameters=Parameters(clients.ssm(), self._variables.text("CONFIGURATION_PATH")),
            ledger=self.ledger,
            alarms=self.alarms,
            allowed_functions=self.allowed_functions,
        )

    @cached_property
    def evidence(self) -> "GatherEvidence":
        from wardrop.aws.deployment_logs import DeploymentLogs
        from wardrop.evidence.gather import GatherEvidence

        return GatherEvidence(DeploymentLogs(clients.s3_impatient(), self._variables.text("BEANSTALK_BUCKET")))

    @cached_property
    def alarms(self) -> "Alarms":
        from wardrop.aws.cloudwatch import Alarms

        return Alarms(clients.cloudwatch)

    @cached_property
    def checks(self) -> "Checks":
        from wardrop.aws.check_functions import CheckFunctions
        from wardrop.evidence.http_requests import requests_to
        from wardrop.evidence.run_checks import Checks

        return Checks(
            requests=requests_to(self._variables.if_set("AWS_ENDPOINT_URL")),
            functions=lambda: CheckFunctions(clients.lambda_impatient()),
            allowed=self.allowed_functions,
        )

    @cached_property
    def allowed_functions(self) -> "AllowedFunctions":
        from wardrop.configuration.check import AllowedFunctions

        return AllowedFunctions(self._variables.texts("CHECK_FUNCTIONS"))

    @cached_property
    def instance_logs(self) -> "InstanceLogs":
        from wardrop.aws.instance_logs import InstanceLogs

        bucket = self._variables.text("BEANSTALK_BUCKET")
        return InstanceLogs(clients.beanstalk_impatient(), clients.s3_impatient(), bucket)

    @cached_property
    def clean_ups(self) -> "CleanUps":
        from wardrop.aws.clean_ups import CleanUps

        return CleanUps(clients.lambda_, self._variables.text("CLEAN_VERSIONS"), self.ledger.clean_ups)

    @cached_property
    def slack(self) -> "SlackRoute | None":
        from wardrop.alerts.send import SlackRoute
        from wardrop.aws.slack_posts import SlackPosts
        from wardrop.configuration.load import RememberedConfigurations

        channel, url = self._variables.optional("SLACK_CHANNEL"), self._variables.optional("SLACK_POSTS_URL")
        if url is None:
            return None
        posts = SlackPosts(clients.sqs(), url)
        return SlackRoute(
            posts, channel_of=RememberedConfigurations(self.configurations).slack_channel, default_channel=channel
        )
