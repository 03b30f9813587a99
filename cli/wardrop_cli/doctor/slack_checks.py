"""Judges the Slack secret, and whether Slack accepts posts."""

from collections.abc import Iterator
from shlex import quote

from wardrop_cli.doctor.findings import CannotTell, Finding, broken, ok, unread, warning
from wardrop_cli.doctor.readings import Readings, SecretFault, SecretForm, Slack

FORM = '{"bot_token": "xoxb-..."} or {"webhook_url": "https://..."}'


def check_slack(readings: Readings) -> Iterator[Finding]:
    match slack := readings.slack:
        case None:
            meaning = "Alerts go only to the SNS topic."
            yield warning("slack", "The stack has no Slack secret.", meaning, "make deploy SlackSecretArn=ARN")
            return
        case CannotTell() as unknown:
            yield unread("slack", "whether the Slack secret has the right form", unknown)
            yield unread("slack-posts", "whether Slack accepts posts", unknown)
            return
    yield _of_secret(slack, readings)
    match slack.late:
        case CannotTell() as unknown:
            yield unread("slack-posts", "whether Slack accepts posts", unknown)
        case True:
            meaning = "Wardrop tries again for almost five hours. The log of PostToSlack contains Slack's answer."
            remedy = _logs(readings)
            yield broken("slack-posts", "A post to Slack has waited for more than 15 minutes.", meaning, remedy)
        case False:
            yield ok("slack-posts", "No post to Slack is overdue.")


def _logs(readings: Readings) -> str:
    name = quote(readings.stack_name)
    query = "\"StackResources[?LogicalResourceId=='PostToSlackLog'].PhysicalResourceId\" --output text"
    group = (
        f"aws cloudformation describe-stack-resources --stack-name {name} --region {readings.region} --query {query}"
    )
    return f'aws logs tail "$({group})" --since 1h --region {readings.region}'


def _of_secret(slack: Slack, readings: Readings) -> Finding:
    match slack.secret:
        case CannotTell() as unknown:
            return unread("slack", "whether the Slack secret has the right form", unknown)
        case SecretFault() as fault:
            meaning = f"Nothing is posted to Slack. The value must be {FORM}."
            put = "aws secretsmanager put-secret-value --secret-string file://slack.json"
            remedy = f"{put} --secret-id {quote(slack.arn)} --region {readings.region}"
            return broken("slack", f"The Slack secret cannot be used, because {fault}.", meaning, remedy)
        case SecretForm.BOT if not slack.channel:
            meaning = "Applications whose configuration names no channel have no alerts in Slack."
            return warning("slack", "SlackChannel is empty.", meaning, 'make deploy SlackChannel="#deployments"')
        case SecretForm() as form:
            return ok("slack", f"The Slack secret contains {form}.")
