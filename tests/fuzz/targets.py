"""All targets by name."""

from tests.fuzz import bundle, calls, commands, configuration, ebextensions, events, logs, metadata, slack
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    "bundle": bundle.TARGET,
    "ebextensions": ebextensions.TARGET,
    "metadata": metadata.TARGET,
    "drops": events.DROPS,
    "events": events.EVENTS,
    "configuration": configuration.TARGET,
    "commands": commands.TARGET,
    "logs": logs.TARGET,
    "calls": calls.TARGET,
    "slack": slack.MESSAGES,
    "slack-answers": slack.REFUSALS,
    "slack-secret": slack.CONNECTIONS,
}
