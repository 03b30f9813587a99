"""`python -m tests.grants_document` writes the tables of docs/security.md: each grant of each role, and its reason."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import gate
from tests.unit import template_checks as checks
from tests.unit.samples import ROOT

DOCUMENT: Path = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- the tables: python -m tests.grants_document -->\n", "<!-- the end of the tables -->\n"
REASONS = {
    "WriteLog": "The function writes its own log.",
    "WriteTraces": "Lambda sends the function's traces to X-Ray. The actions support no resource-level permissions.",
    "ReceiveMessages": "Lambda reads the function's queue with the function's permissions.",
    "ReadAndTagDrops": "Inspects and copies a dropped file, and writes the outcome as tags.",
    "TellMissingFromForbidden": "Without this permission, S3 responds with 403 even if the file does not exist.",
    "FindLostDrops": "Lists the drop bucket, to find files whose events did not arrive.",
    "SendLostDrops": "Puts a file into the function's own queue, if the event about the file did not arrive.",
    "KeepReleases": "Copies the bundle to the release bucket. The bucket's policy denies overwrites.",
    "OpenDrops": "Reads files that are encrypted with your key.",
    "EncryptAndOpenReleases": "Writes bundles that are encrypted with your key, and reads the bundles' checksums.",
    "MakeVersions": "Creates the application version.",
    "LookAtBeanstalk": "Reads environments, and the other data that the actions name.",
    "ReadConfiguration": "Reads an application's configuration.",
    "KeepLedger": "Reads and writes the state of drops, deployments, environments and alerts.",
    "MakeRoom": "Starts a clean-up if the quota for application versions is used up.",
    "WakeMailbox": "Requests an evaluation of an environment.",
    "TryAgainSooner": "Sets the time at which a failed message is delivered again.",
    "ParkUnreadable": "Moves a message to the dead-letter queue, if no retry can process it.",
    "Downstream": "Beanstalk reads the bundle with the permissions of its caller.",
    "ParkFailed": "Lambda records failed invocations in the dead-letter queue.",
    "ParkUndelivered": "If the scheduler cannot make an invocation, it records this in the dead-letter queue.",
    "ParkUnsent": "If alerts cannot be sent, Lambda records their position in the dead-letter queue.",
    "Invoke": "The scheduler invokes the function.",
    "FindWhatIsActive": "Finds active deployments, incidents and unsent alerts.",
    "FindActiveDeployments": "Finds deployments whose versions must not be deleted.",
    "AskTheGuard": "Asks `guard_configuration` to read the settings of an environment.",
    "LookAtVersions": "Checks that a version exists and refers to its bundle.",
    "LookAtEnvironments": "Finds versions that are running.",
    "Deploy": "Deploys versions, and sets the deployment policy.",
    "AbortUpdates": "Aborts an update that was started outside Wardrop, if `guard` is `abort`.",
    "DenyOtherApplications": (
        "Without this statement, AWS's policy would allow changes of every application. The statement exists only if "
        "`Applications` is not `*`."
    ),
    "DenySwaps": (
        "A swap of CNAMEs changes two environments, but IAM checks the permission for only one of them. The statement "
        "exists only if `Applications` is not `*`."
    ),
    "ProveReleases": "Checks before a deployment that the bundle is unchanged.",
    "ReadBundlesOfOthers": "Finds out whether a version that somebody else created can be deployed again.",
    "FindBundlesOfOthers": "Without this permission, S3 responds with 403 even if the bundle does not exist.",
    "DownstreamOfOthers": "Beanstalk reads the bundle with the permissions of its caller.",
    "OpenReleases": "S3 returns the checksum of an encrypted bundle only to callers with permission to decrypt it.",
    "ReadAlarms": (
        "Reads the alarms in configurations. CloudWatch returns composite alarms only to callers whose permission has "
        "the resource `*`."
    ),
    "ReadDeploymentLogs": "Finds the cause of a failed deployment.",
    "RunChecks": "Invokes the functions that the configuration names as checks.",
    "ReadInstanceLogs": "Reads the instances' tail logs. Beanstalk stores them in S3 with its caller's permissions.",
    "ListLogs": "Finds the logs of a deployment.",
    "ListDeploymentLogs": "Finds the logs of instances that auto scaling launched.",
    "RequestInstanceLogs": "Requests the instances' tail logs.",
    "DecryptConfigurations": "Reads configurations that are encrypted with your key.",
    "CleanUp": "Starts a clean-up that a person requested.",
    "ReadStream": "Lambda reads the ledger's stream with the function's permissions.",
    "ListStreams": (
        "Lambda requires this action to read the stream. The action supports no resource-level permissions, and "
        "returns only names."
    ),
    "MarkSentAlerts": "Marks alerts as sent.",
    "Publish": "Publishes alerts.",
    "PutOnToSlack": "Queues alerts for Slack.",
    "ReadChannels": "Reads the Slack channel from an application's configuration.",
    "ReadLastConfiguration": "Reads the last good configuration, if the current one is refused.",
    "ReadSlackSecret": "Reads the token or the webhook.",
    "OpenSlackSecret": "Decrypts the secret, if it is encrypted with your key. The grant covers no other secret.",
    "KeepThreads": "Records which Slack message belongs to a deployment, so that Wardrop can edit this message.",
    "CountVersions": "Counts the versions against the region's quota, and finds other versions that use a bundle.",
    "ReadQuota": "Reads the quota for application versions. The action supports no resource-level permissions.",
    "DeleteVersions": "Deletes versions that no retention rule protects.",
    "ListReleases": "Finds bundles that no version refers to.",
    "DeleteReleases": "Deletes bundles that no version refers to.",
}
"""The reasons by Sid. A Sid means the same in each role."""


def tables() -> str:
    """The tables. A parameter whose default is empty or `*` appears by its name."""
    text = gate.TEMPLATE.read_text().replace('Default: "*"', "Default: Applications", 1)
    model = checks.Model(gate.expand(text))
    sections = [_table(model, name, role) for name, role in model.of("AWS::IAM::Role", "AWS::IAM::Policy").items()]
    return "\n".join(sections)


def _table(model: checks.Model, name: str, role: dict[str, Any]) -> str:
    lines = [f"### {name}", ""]
    for policy in filter(None, model.texts(role.get("ManagedPolicyArns"))):
        lines += [f"AWS's policy `{policy.rpartition('/')[2]}`, only with `DownstreamAccess: managed-policy`.", ""]
    if roles := sorted(filter(None, model.texts(role.get("Roles")))):
        lines += [f"This policy belongs to the roles {', '.join(roles)}.", ""]
    lines += ["| Grant | Actions | Resources | Reason |", "|---|---|---|---|"]
    for statement in _statements(model, name):
        lines.append(f"| {' | '.join(_row(model, statement))} |")
    return "\n".join(lines) + "\n"


def _statements(model: checks.Model, role: str) -> Iterator[dict[str, Any]]:
    return (statement for where, statement in checks.statements(model) if where.startswith(f"{role}/"))


def _row(model: checks.Model, statement: dict[str, Any]) -> tuple[str, str, str, str]:
    actions = sorted(set(model.texts(statement["Action"])))
    shown = f"{len(actions)} writes" if len(actions) > 20 else ", ".join(actions)
    resources = sorted(
        {_short(model, text) for text in model.texts(statement.get("Resource", statement.get("NotResource")))}
    )
    keys = [
        text for operator in statement.get("Condition", {}).values() for text in operator if text != "kms:ViaService"
    ]
    condition = f"; condition on {', '.join(dict.fromkeys(keys))}" if keys else ""
    prefix = "**Denied:** " if statement["Effect"] == "Deny" else ""
    beyond = "all but " if "NotResource" in statement else ""
    reason = REASONS[statement["Sid"]]
    return statement["Sid"], prefix + shown, f"{beyond}`{'`, `'.join(resources)}`{condition}", reason


def _short(model: checks.Model, arn: str) -> str:
    """The ARN without the account and the region, because they are always those of the stack."""
    for name, example in checks.GIVEN_ARNS.items():
        arn = arn.replace(example, name)
    empty = {name.lower(): name for name, one in model.template["Parameters"].items() if one.get("Default") == ""}
    named = re.sub(r"[a-z]+", lambda word: empty.get(word[0], word[0]), arn)
    return re.sub(r"^arn:aws:([a-z0-9]+):[^:]*:[^:]*:", r"\1:", named)


def document() -> str:
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    return before + BEGIN + tables() + END + rest.partition(END)[2]


if __name__ == "__main__":
    DOCUMENT.write_text(document(), "utf-8")
