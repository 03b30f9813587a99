"""Checks an existing drop bucket, and gives the command that enables its events."""

from dataclasses import dataclass

from installation.findings import CannotTell, Finding, objection, refusal, unread, warning


@dataclass(frozen=True)
class Bucket:
    """The drop bucket that the user named. If `region` is None, the bucket does not exist."""

    name: str
    region: str | CannotTell | None
    has_events: bool | CannotTell = False
    is_versioned: bool | CannotTell = False


def command_for_events(bucket: str) -> str:
    """Returns the command that adds EventBridge to the notifications of the bucket.

    PutBucketNotificationConfiguration replaces the whole configuration. Therefore, the command reads the current
    configuration, adds one entry, and writes the result.
    """
    of_bucket = f"--bucket {bucket}"
    added = "--query 'merge(@, `{\"EventBridgeConfiguration\": {}}`)' --output json"
    present = f"aws s3api get-bucket-notification-configuration {of_bucket} {added}"
    put = f"aws s3api put-bucket-notification-configuration {of_bucket}"
    return f'{put} --notification-configuration "$({present})"'


def faults_of_bucket(bucket: Bucket, region: str) -> list[Finding]:
    match bucket.region:
        case None:
            text = f"There is no bucket {bucket.name}."
            advice = "Check DropBucketName. If you leave it empty, the stack creates a bucket."
            return [refusal("bucket-missing", text, advice)]
        case CannotTell() as unknown:
            return [unread("bucket-unread", f"whether the bucket {bucket.name} can be used", unknown)]
        case other if other != region:
            text = f"The bucket {bucket.name} is in {other}, and the stack is in {region}."
            advice = f"S3 sends events to the bucket's region only. Deploy to {other}, or use a bucket in {region}."
            return [refusal("bucket-region", text, advice)]
    return [*_faults_of_events(bucket), *_faults_of_versioning(bucket)]


def _faults_of_events(bucket: Bucket) -> list[Finding]:
    match bucket.has_events:
        case CannotTell() as unknown:
            return [unread("bucket-events", f"whether the bucket {bucket.name} sends events to EventBridge", unknown)]
        case False:
            text = f"The bucket {bucket.name} does not send events to EventBridge, so Wardrop would receive no drops."
            advice = (
                f"This command enables the events and keeps the bucket's other notifications:\n  {{}}\n  {WHO_ELSE}"
            )
            return [objection("bucket-events", text, advice.format(command_for_events(bucket.name)))]
    return []


WHO_ELSE = "If a tool such as Terraform manages the bucket, enable EventBridge in that tool instead."


def _faults_of_versioning(bucket: Bucket) -> list[Finding]:
    match bucket.is_versioned:
        case CannotTell() as unknown:
            return [unread("bucket-versioning", f"whether the bucket {bucket.name} is versioned", unknown)]
        case False:
            text = f"The bucket {bucket.name} has no versioning. A file that is overwritten before it is read is lost."
            command = f"aws s3api put-bucket-versioning --bucket {bucket.name}"
            return [warning("bucket-versioning", text, f"{command} --versioning-configuration Status=Enabled")]
    return []
