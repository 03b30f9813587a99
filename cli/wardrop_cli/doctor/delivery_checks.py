"""Judges the buckets and the dead-letter queues."""

from collections.abc import Iterator
from datetime import timedelta
from shlex import quote

from wardrop_cli.doctor.findings import CannotTell, Finding, broken, ok, unread, warning
from wardrop_cli.doctor.readings import DeadLetters, Readings


def check_drop_bucket(readings: Readings) -> Iterator[Finding]:
    bucket, region = readings.drop_bucket, readings.region
    of_bucket = f"--bucket {quote(bucket.name)} --region {region}"
    match bucket.exists:
        case CannotTell() as unknown:
            yield unread("drop-bucket", f"whether the drop bucket {bucket.name} exists", unknown)
        case False:
            text = f"The drop bucket {bucket.name} does not exist."
            yield broken("drop-bucket", text, "Nobody can drop a file.", "make deploy DropBucketName=BUCKET")
            return
        case True:
            yield ok("drop-bucket", f"The drop bucket {bucket.name} exists.")
    match bucket.has_events:
        case CannotTell() as unknown:
            yield unread("drop-events", "whether the drop bucket sends events to EventBridge", unknown)
        case False:
            sweep = "Dropped files are found only by the sweep, which runs every ten minutes."
            meaning = f"{sweep} The command keeps the other notifications of the bucket."
            text = "The drop bucket does not send events to EventBridge."
            yield broken("drop-events", text, meaning, command_for_events(of_bucket))
        case True:
            yield ok("drop-events", "The drop bucket sends events to EventBridge.")
    match bucket.is_versioned:
        case CannotTell() as unknown:
            yield unread("drop-versioning", "whether the drop bucket is versioned", unknown)
        case False:
            meaning = "A file that is overwritten before Wardrop reads it is lost."
            command = f"aws s3api put-bucket-versioning {of_bucket} --versioning-configuration Status=Enabled"
            yield warning("drop-versioning", "The drop bucket is not versioned.", meaning, command)
        case True:
            yield ok("drop-versioning", "The drop bucket is versioned.")


def command_for_events(of_bucket: str) -> str:
    """The command that enables the bucket's events.

    It reads the bucket's configuration and adds an entry, because the call replaces the whole configuration.
    """
    get = f"aws s3api get-bucket-notification-configuration {of_bucket} --output json"
    added = "--query 'merge(@, `{\"EventBridgeConfiguration\": {}}`)'"
    return (
        f'aws s3api put-bucket-notification-configuration {of_bucket} --notification-configuration "$({get} {added})"'
    )


def check_release_bucket(readings: Readings) -> Finding:
    bucket = readings.release_bucket
    match bucket.exists:
        case CannotTell() as unknown:
            return unread("release-bucket", f"whether the release bucket {bucket.name} exists", unknown)
        case False:
            meaning = "No version can be deployed or rolled back."
            return broken("release-bucket", f"The release bucket {bucket.name} does not exist.", meaning, "make deploy")
        case True:
            return ok("release-bucket", f"The release bucket {bucket.name} exists.")


REDRIVEN = {
    "DropsDead": "Dropped files were not processed. Read the log of ReceiveDrop and correct the cause first.",
    "SlackPostsDead": "Slack refused posts. Read the log of PostToSlack and correct the cause first.",
}
"""The queues whose messages are still useful, each with the meaning of a message. The keys are logical ids."""

PURGED = {
    "MailboxDead": "A wake-up failed. Read the log of AdvanceDeployment and correct the cause first.",
    "BeanstalkEventsDead": "An event or a request to the guard failed. Read the logs of WatchEnvironments and "
    "GuardConfiguration, and correct the cause first.",
    "AlertsDead": "Alerts were not sent. The ledger still has them, and Wardrop sends them again every five minutes.",
    "CleanUpsDead": "A clean-up failed. The next clean-up starts within an hour.",
    "TicksDead": "A scheduled run failed. The next run does the same work. The queue deletes messages after an hour.",
}
"""The queues whose messages are not needed, because a scheduled run does the work again."""


def check_dead_letters(readings: Readings) -> Iterator[Finding]:
    queues = readings.dead_letters
    if isinstance(queues, CannotTell):
        yield unread("dead-letters", "whether messages failed", queues)
        return
    if not queues:
        yield unread("dead-letters", "whether messages failed", CannotTell("the stack lists no dead-letter queues"))
        return
    findings = [finding for queue in queues if (finding := _of_queue(queue, readings.region))]
    yield from findings or [ok("dead-letters", f"All {len(queues)} dead-letter queues are empty.")]


def _of_queue(queue: DeadLetters, region: str) -> Finding | None:
    """None: the queue is empty."""
    match queue.messages:
        case CannotTell() as unknown:
            return unread("dead-letters", f"whether {queue.logical_id} contains messages", unknown)
        case 0:
            return None
        case number:
            text = f"{queue.logical_id} contains {number} message{'s' if number > 1 else ''}{_age(queue.oldest)}."
            meaning = REDRIVEN.get(queue.logical_id) or PURGED.get(queue.logical_id, "A message failed.")
            judged = warning if queue.logical_id == "TicksDead" else broken
            return judged("dead-letters", text, meaning, _remedy(queue, region))


def _age(oldest: timedelta | None) -> str:
    """The age in whole hours or days, because a message remains for up to 14 days."""
    if oldest is None:
        return ""
    hours = int(oldest.total_seconds()) // 3600
    age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "less than two hours"
    return f", and the oldest is {age} old"


def _remedy(queue: DeadLetters, region: str) -> str:
    url = quote(queue.url)
    if queue.logical_id not in REDRIVEN:
        return f"aws sqs purge-queue --queue-url {url} --region {region}"
    query = "--attribute-names QueueArn --query Attributes.QueueArn --output text"
    arn = f"aws sqs get-queue-attributes --queue-url {url} --region {region} {query}"
    return f'aws sqs start-message-move-task --region {region} --source-arn "$({arn})"'
