"""Judges the stack itself: its version, its state, and the rules and schedules that start its functions."""

from collections.abc import Iterator
from shlex import quote

from wardrop_cli.doctor.findings import CannotTell, Finding, broken, ok, unread, warning
from wardrop_cli.doctor.readings import NotAnswered, Readings, Stack, Switch, SwitchKind
from wardrop_cli.versions import mismatch

ENABLED = {"ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "ENABLING"}
"""The states of an enabled resource, in capitals, because EventBridge, Scheduler and Lambda spell them differently."""


def check_requests(readings: Readings) -> Finding:
    match readings.overview:
        case NotAnswered(reason, advice):
            meaning = "Only the facts that do not come from the stack were read."
            return broken("requests", f"The stack does not answer requests: {reason}.", meaning, advice)
        case _:
            return ok("requests", "The stack answers your requests.")


def check_version(readings: Readings) -> Finding:
    if difference := mismatch(readings.stack_version, readings.command_version):
        return warning("version", difference, "Some requests or answers may not be understood.", "make deploy")
    return ok("version", f"The command and the stack have the version {readings.command_version}.")


def check_stack(readings: Readings) -> Finding:
    name = readings.stack_name
    events = f"aws cloudformation describe-stack-events --stack-name {quote(name)} --region {readings.region}"
    match readings.stack:
        case CannotTell() as unknown:
            return unread("stack", "in which state the stack is", unknown)
        case Stack("UPDATE_ROLLBACK_COMPLETE" as status):
            meaning = "The last upgrade failed, and the version before it is in force."
            return warning("stack", f"The stack {name} is in the state {status}.", meaning, events)
        case Stack(status) if status.endswith("_IN_PROGRESS"):
            meaning = "The stack is being installed or upgraded. Repeat the check afterwards."
            return warning("stack", f"The stack {name} is in the state {status}.", meaning, events)
        case Stack("CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" as status):
            return ok("stack", f"The stack {name} is in the state {status}.")
        case Stack(status):
            meaning = "The installation is incomplete. The events of the stack contain the cause."
            return broken("stack", f"The stack {name} is in the state {status}.", meaning, events)


def check_switches(readings: Readings) -> Iterator[Finding]:
    if isinstance(readings.switches, CannotTell):
        yield unread("rules", "whether all rules and schedules are enabled", readings.switches)
        return
    findings = [finding for switch in readings.switches if (finding := _of_switch(switch, readings.region))]
    yield from findings
    if not findings and readings.switches:
        yield ok("rules", f"All {len(readings.switches)} rules, schedules and event source mappings are enabled.")
    elif not readings.switches:
        nothing = CannotTell("the stack lists no rules and no schedules")
        yield unread("rules", "whether all rules and schedules are enabled", nothing)


def _of_switch(switch: Switch, region: str) -> Finding | None:
    """A finding about a resource that is not enabled. None: the resource is enabled."""
    subject = f"the {switch.kind} {switch.logical_id}"
    match switch.state:
        case CannotTell() as unknown:
            return unread("rules", f"whether {subject} is enabled", unknown)
        case state if state.upper() in ENABLED:
            return None
        case state:
            meaning = f"{EFFECTS.get(switch.logical_id, 'A function does not start')}."
            text = f"{subject[:1].upper()}{subject[1:]} is in the state {state}."
            return broken("rules", text, meaning, _command(switch, region))


def _command(switch: Switch, region: str) -> str:
    name = quote(switch.name)
    match switch.kind:
        case SwitchKind.RULE:
            return f"aws events enable-rule --name {name} --region {region}"
        case SwitchKind.MAPPING:
            return f"aws lambda update-event-source-mapping --uuid {name} --enabled --region {region}"
        case SwitchKind.SCHEDULE:
            get = f"aws scheduler get-schedule --name {name} --region {region}"
            edit = """jq '.State = "ENABLED" | del(.Arn, .CreationDate, .LastModificationDate)'"""
            return f'aws scheduler update-schedule --region {region} --cli-input-json "$({get} | {edit})"'


EFFECTS = {
    "ObjectCreated": "Dropped files are found only by the sweep, which runs every ten minutes",
    "Sweep": "Dropped files whose events were lost are not found",
    "BeanstalkChanged": "Wardrop learns of changes only once a minute, and some events are lost",
    "UpdateCalled": "Alerts do not state who started an update",
    "OwnAlarmEnded": "The end of an alarm of Wardrop is not reported",
    "AlarmRaised": "An alarm counts only at the next scheduled run, and alarms of Wardrop are not reported",
    "Tick": "Deployments that wait do not proceed, and no health incident is noticed without an event",
    "HourlyCleanUp": "Old application versions are not deleted",
    "DropsMapping": "Dropped files are not processed",
    "BeanstalkEventsMapping": "Events of Elastic Beanstalk are not processed",
    "GuardRequestsMapping": "Updates by others are not reported",
    "MailboxMapping": "No deployment proceeds",
    "LedgerMapping": "No alert is sent",
    "SlackPostsMapping": "Nothing is posted to Slack",
}
"""The effect if a resource is disabled, keyed by the resource's logical id."""
