"""Builds the objects that do the work of the functions. Each function's environment variables configure its objects."""

import os
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from wardrop.adapters import Adapters
from wardrop.aws import clients
from wardrop.variables import Variables

if TYPE_CHECKING:
    from wardrop.alerts.send import SendAlerts
    from wardrop.aws.queues import DeadLetters, Visibility
    from wardrop.commands.run import RunCommand
    from wardrop.deployments.advance import AdvanceDeployment
    from wardrop.drops.receive import ReceiveDrop
    from wardrop.drops.sweep import SweepDrops
    from wardrop.guard.guard import GuardConfiguration
    from wardrop.health.watch import WatchEnvironments
    from wardrop.slack.post import PostToSlack
    from wardrop.versions.clean import CleanVersions


class Wiring:
    """The objects that a handler uses: one that does the function's work, and others for messages that have failed.

    Each object is created once, when it is first used.

    Each property imports the modules that it needs, so that a function does not load another function's SDK.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._variables = Variables(environ)
        self._adapters = Adapters(self._variables)

    # The objects that do the functions' work, one for each function

    @cached_property
    def receive_drop(self) -> "ReceiveDrop":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.aws.bundles import Bundles
        from wardrop.drops.receive import ReceiveDrop

        return ReceiveDrop(
            bundles=Bundles(clients.s3(copies=True), self._variables.text("RELEASE_BUCKET")),
            beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
            ledger=self._adapters.ledger,
            mailbox=self._adapters.mailbox,
            configurations=self._adapters.configurations,
            clean_ups=self._adapters.clean_ups,
            processor_time=time.process_time,
            prefix=self._variables.text_or_empty("DROP_PREFIX"),
        )

    @cached_property
    def sweep_drops(self) -> "SweepDrops":
        from wardrop.aws.drop_bucket import DropBucket
        from wardrop.aws.drop_queue import DropQueue
        from wardrop.drops.sweep import SweepDrops

        name, prefix = self._variables.text("DROP_BUCKET"), self._variables.text_or_empty("DROP_PREFIX")
        return SweepDrops(
            bucket=DropBucket(clients.s3(copies=True), name, prefix),
            ledger=self._adapters.ledger,
            queue=DropQueue(clients.sqs(), self._variables.text("DROPS_URL")),
            wait=self._variables.seconds("SWEEP_AFTER_SECONDS"),
        )

    @cached_property
    def advance_deployment(self) -> "AdvanceDeployment":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.deployments.advance import AdvanceDeployment

        return AdvanceDeployment(
            beanstalk=Beanstalk(clients.beanstalk(), clients.beanstalk_once()),
            bundles=self._adapters.bundles,
            ledger=self._adapters.ledger,
            mailbox=self._adapters.mailbox,
            configurations=self._adapters.configurations,
            evidence=self._adapters.evidence,
            instance_logs=self._adapters.instance_logs,
            alarms=self._adapters.alarms,
            checks=self._adapters.checks,
            settle=self._variables.seconds("SETTLE_SECONDS"),
        )

    @cached_property
    def watch_environments(self) -> "WatchEnvironments":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.configuration.load import RememberedConfigurations
        from wardrop.health.failed_updates import FailedUpdates
        from wardrop.health.update_incidents import UpdateIncidents
        from wardrop.health.watch import WatchEnvironments

        configurations = RememberedConfigurations(self._adapters.configurations)
        look_ups = Beanstalk(clients.beanstalk(attempts=1))
        failed_updates = FailedUpdates(look_ups, self._adapters.evidence, configurations)
        return WatchEnvironments(
            beanstalk=Beanstalk(clients.beanstalk()),
            ledger=self._adapters.ledger,
            mailbox=self._adapters.mailbox,
            guard=self._adapters.guard_requests,
            own_alarms=self._variables.texts("OWN_ALARMS"),
            update_incidents=UpdateIncidents(
                ledger=self._adapters.ledger,
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
            ledger=self._adapters.ledger,
            mailbox=self._adapters.mailbox,
            configurations=RememberedConfigurations(self._adapters.configurations),
        )

    @cached_property
    def run_command(self) -> "RunCommand":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.aws.option_settings import OptionSettings
        from wardrop.commands.run import RunCommand

        return RunCommand(
            option_settings=OptionSettings(clients.beanstalk()),
            beanstalk=Beanstalk(clients.beanstalk()),
            ledger=self._adapters.ledger,
            mailbox=self._adapters.mailbox,
            configurations=self._adapters.configurations,
            clean_ups=self._adapters.clean_ups,
        )

    @cached_property
    def clean_versions(self) -> "CleanVersions":
        from wardrop.aws.beanstalk import Beanstalk
        from wardrop.versions.clean import CleanVersions

        return CleanVersions(
            beanstalk=Beanstalk(clients.beanstalk(attempts=6)),
            bundles=self._adapters.bundles,
            ledger=self._adapters.ledger,
            configurations=self._adapters.configurations,
            applications=self._variables.text("APPLICATIONS"),
        )

    @cached_property
    def send_alerts(self) -> "SendAlerts":
        from wardrop.alerts.send import SendAlerts
        from wardrop.aws.topic import Topic

        return SendAlerts(
            ledger=self._adapters.ledger,
            topic=Topic(clients.sns(), self._variables.text("ALERT_TOPIC_ARN")),
            slack=self._adapters.slack,
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
            threads=Threads(self._adapters.table),
            pace=Pace(time.monotonic, time.sleep),
            default_channel=self._variables.optional("SLACK_CHANNEL"),
        )

    # The objects with which handlers treat messages that they cannot process

    @cached_property
    def dead_letters(self) -> "DeadLetters":
        from wardrop.aws.queues import DeadLetters

        return DeadLetters(clients.sqs(), self._variables.text("DEAD_LETTERS_URL"))

    @cached_property
    def drops_visibility(self) -> "Visibility":
        from wardrop.aws.queues import Visibility

        return Visibility(clients.sqs(), self._variables.text("DROPS_URL"))

    @cached_property
    def mailbox_visibility(self) -> "Visibility":
        from wardrop.aws.queues import Visibility

        return Visibility(clients.sqs(), self._variables.text("MAILBOX_URL"))

    @cached_property
    def slack_posts_visibility(self) -> "Visibility":
        from wardrop.aws.queues import Visibility

        return Visibility(clients.sqs(), self._variables.text("SLACK_POSTS_URL"))
