"""Builds the verbs and the adapters of the functions from their environment variables."""

import os
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from wardrop.aws import clients
from wardrop.variables import Variables

if TYPE_CHECKING:
    from wardrop.alerts.send import SendAlerts, SlackRoute
    from wardrop.aws.bundles import Bundles
    from wardrop.aws.clean_ups import CleanUps
    from wardrop.aws.cloudwatch import Alarms
    from wardrop.aws.guard_requests import GuardRequests
    from wardrop.aws.instance_logs import InstanceLogs
    from wardrop.aws.ledger.ledger import Ledger
    from wardrop.aws.ledger.table import Table
    from wardrop.aws.mailbox import Mailbox
    from wardrop.aws.queues import DeadLetters, Visibility
    from wardrop.commands.run import RunCommand
    from wardrop.configuration.check import AllowedFunctions
    from wardrop.configuration.load import Configurations
    from wardrop.deployments.advance import AdvanceDeployment
    from wardrop.drops.receive import ReceiveDrop
    from wardrop.evidence.gather import GatherEvidence
    from wardrop.evidence.run_checks import Checks
    from wardrop.guard.guard import GuardConfiguration
    from wardrop.health.watch import WatchEnvironments
    from wardrop.slack.post import PostToSlack
    from wardrop.versions.clean import CleanVersions


class Wiring:
    """The verbs and their adapters. Each is created once, when a function first uses it.

    Each property imports the modules that it needs, so that a function does not load another function's SDK.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._variables = Variables(environ)

    # The verbs, one for each function

    @cached_property
    def receive_drop(self) -> "ReceiveDrop":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.aws.bundles import Bundles
        from wardrop.drops.receive import ReceiveDrop

        return ReceiveDrop(
            bundles=Bundles(clients.s3(copies=True), self._variables.text("RELEASE_BUCKET")),
            beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
            ledger=self._ledger,
            mailbox=self._mailbox,
            configurations=self._configurations,
            clean_ups=self._clean_ups,
            processor_time=time.process_time,
            prefix=self._variables.maybe_empty("DROP_PREFIX"),
        )

    @cached_property
    def advance_deployment(self) -> "AdvanceDeployment":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.deployments.advance import AdvanceDeployment

        return AdvanceDeployment(
            beanstalk=Beanstalk(clients.beanstalk(), clients.beanstalk_once()),
            bundles=self._bundles,
            ledger=self._ledger,
            mailbox=self._mailbox,
            configurations=self._configurations,
            evidence=self._evidence,
            instance_logs=self._instance_logs,
            alarms=self._alarms,
            checks=self._checks,
            settle=self._variables.seconds("SETTLE_SECONDS"),
        )

    @cached_property
    def watch_environments(self) -> "WatchEnvironments":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.configuration.load import RememberedConfigurations
        from wardrop.health.failed_updates import FailedUpdates
        from wardrop.health.update_incidents import UpdateIncidents
        from wardrop.health.watch import WatchEnvironments

        configurations = RememberedConfigurations(self._configurations)
        look_ups = Beanstalk(clients.beanstalk(attempts=1))
        failed_updates = FailedUpdates(look_ups, self._evidence, configurations)
        return WatchEnvironments(
            beanstalk=Beanstalk(clients.beanstalk()),
            ledger=self._ledger,
            mailbox=self._mailbox,
            guard=self._guard_requests,
            own_alarms=self._variables.texts("OWN_ALARMS"),
            update_incidents=UpdateIncidents(
                ledger=self._ledger,
                configurations=configurations,
                beanstalk=look_ups,
                failed_updates=failed_updates,
            ),
            failed_updates=failed_updates,
        )

    @cached_property
    def guard_configuration(self) -> "GuardConfiguration":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.configuration.load import RememberedConfigurations
        from wardrop.guard.guard import GuardConfiguration

        return GuardConfiguration(
            beanstalk=Beanstalk(clients.beanstalk()),
            ledger=self._ledger,
            mailbox=self._mailbox,
            configurations=RememberedConfigurations(self._configurations),
        )

    @cached_property
    def run_command(self) -> "RunCommand":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.aws.option_settings import OptionSettings
        from wardrop.commands.run import RunCommand

        return RunCommand(
            option_settings=OptionSettings(clients.beanstalk()),
            beanstalk=Beanstalk(clients.beanstalk()),
            ledger=self._ledger,
            mailbox=self._mailbox,
            configurations=self._configurations,
            clean_ups=self._clean_ups,
        )

    @cached_property
    def clean_versions(self) -> "CleanVersions":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.versions.clean import CleanVersions

        return CleanVersions(
            beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
            bundles=self._bundles,
            ledger=self._ledger,
            configurations=self._configurations,
            applications=self._variables.text("APPLICATIONS"),
        )

    @cached_property
    def send_alerts(self) -> "SendAlerts":
        from wardrop.alerts.send import SendAlerts
        from wardrop.aws.topic import Topic

        return SendAlerts(
            ledger=self._ledger,
            topic=Topic(clients.sns(), self._variables.text("ALERT_TOPIC_ARN")),
            slack=self._slack,
            region=self._variables.text("AWS_REGION"),
            partition=self._variables.text("PARTITION"),
        )

    @cached_property
    def post_to_slack(self) -> "PostToSlack":
        from wardrop.aws.ledger.threads import Threads
        from wardrop.aws.secrets import Secrets
        from wardrop.slack.client import connect
        from wardrop.slack.connection import Connection
        from wardrop.slack.pace import Pace
        from wardrop.slack.post import PostToSlack

        secret = Secrets(clients.secretsmanager(), self._variables.text("SLACK_SECRET"))
        return PostToSlack(
            connection=Connection(secret, connect),
            threads=Threads(self._table),
            pace=Pace(time.monotonic, time.sleep),
            default_channel=self._variables.optional("SLACK_CHANNEL"),
        )

    # The queues of the functions' own messages

    @cached_property
    def dead_letters(self) -> "DeadLetters":
        from wardrop.aws.queues import DeadLetters

        return DeadLetters(clients.sqs(), self._variables.text("DEAD_LETTERS_URL"))

    @cached_property
    def drops_visibility(self) -> "Visibility":
        from wardrop.aws.queues import Visibility

        return Visibility(clients.sqs(), self._variables.text("DROPS_URL"))

    @cached_property
    def slack_posts_visibility(self) -> "Visibility":
        from wardrop.aws.queues import Visibility

        return Visibility(clients.sqs(), self._variables.text("SLACK_POSTS_URL"))

    # The adapters that several verbs share

    @cached_property
    def _table(self) -> "Table":
        from wardrop.aws.ledger.table import Table

        return Table(clients.dynamodb(), self._variables.text("LEDGER_TABLE"))

    @cached_property
    def _ledger(self) -> "Ledger":
        from wardrop.aws.deployment_story import report
        from wardrop.aws.ledger.ledger import Ledger

        return Ledger(self._table, report)

    @cached_property
    def _mailbox(self) -> "Mailbox":
        from wardrop.aws.mailbox import Mailbox

        return Mailbox(clients.sqs(), self._variables.text("MAILBOX_URL"))

    @cached_property
    def _guard_requests(self) -> "GuardRequests":
        from wardrop.aws.guard_requests import GuardRequests

        return GuardRequests(clients.sqs(), self._variables.text("GUARD_REQUESTS_URL"))

    @cached_property
    def _bundles(self) -> "Bundles":
        from wardrop.aws.bundles import Bundles

        return Bundles(clients.s3(), self._variables.text("RELEASE_BUCKET"))

    @cached_property
    def _configurations(self) -> "Configurations":
        from wardrop.aws.parameters import Parameters
        from wardrop.configuration.load import Configurations

        return Configurations(
            parameters=Parameters(clients.ssm(), self._variables.text("CONFIGURATION_PATH")),
            ledger=self._ledger,
            alarms=self._alarms,
            allowed_functions=self._allowed_functions,
        )

    @cached_property
    def _evidence(self) -> "GatherEvidence":
        from wardrop.aws.deployment_logs import DeploymentLogs
        from wardrop.evidence.gather import GatherEvidence

        return GatherEvidence(DeploymentLogs(clients.s3_impatient(), self._variables.text("BEANSTALK_BUCKET")))

    @cached_property
    def _alarms(self) -> "Alarms":
        from wardrop.aws.cloudwatch import Alarms

        return Alarms(clients.cloudwatch)

    @cached_property
    def _checks(self) -> "Checks":
        from wardrop.aws.check_functions import CheckFunctions
        from wardrop.evidence.http_requests import requests_to
        from wardrop.evidence.run_checks import Checks

        return Checks(
            requests=requests_to(self._variables.given("AWS_ENDPOINT_URL")),
            functions=lambda: CheckFunctions(clients.lambda_impatient()),
            allowed=self._allowed_functions,
        )

    @cached_property
    def _allowed_functions(self) -> "AllowedFunctions":
        from wardrop.configuration.check import AllowedFunctions

        return AllowedFunctions(self._variables.texts("CHECK_FUNCTIONS"))

    @cached_property
    def _instance_logs(self) -> "InstanceLogs":
        from wardrop.aws.instance_logs import InstanceLogs

        bucket = self._variables.text("BEANSTALK_BUCKET")
        return InstanceLogs(clients.beanstalk_impatient(), clients.s3_impatient(), bucket)

    @cached_property
    def _clean_ups(self) -> "CleanUps":
        from wardrop.aws.clean_ups import CleanUps

        return CleanUps(clients.lambda_, self._variables.text("CLEAN_VERSIONS"), self._ledger.clean_ups)

    @cached_property
    def _slack(self) -> "SlackRoute | None":
        from wardrop.alerts.send import SlackRoute
        from wardrop.aws.slack_posts import SlackPosts
        from wardrop.configuration.load import RememberedConfigurations

        channel, url = self._variables.optional("SLACK_CHANNEL"), self._variables.optional("SLACK_POSTS_URL")
        if url is None:
            return None
        posts = SlackPosts(clients.sqs(), url)
        return SlackRoute(
            posts, channel_of=RememberedConfigurations(self._configurations).slack_channel, default_channel=channel
        )
