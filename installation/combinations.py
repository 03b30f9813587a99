"""Finds parameters that contradict each other or the stack's region. No call to AWS is needed."""

from collections.abc import Mapping

from installation.findings import Finding, refusal, warning

KEYS = ("DropKeyArn", "ReleaseKeyArn")


def faults_of_combinations(values: Mapping[str, str], region: str, account: str) -> list[Finding]:
    return [
        *_slack(values, region),
        *_drop_bucket(values),
        *(fault for name in KEYS for fault in _key(name, values.get(name, ""), region, account)),
    ]


def _slack(values: Mapping[str, str], region: str) -> list[Finding]:
    secret, channel = values.get("SlackSecretArn", ""), values.get("SlackChannel", "")
    if channel and not secret:
        text = f"SlackChannel={channel} has no effect, because SlackSecretArn is empty."
        return [refusal("slack", text, "Set SlackSecretArn too, or set SlackChannel to nothing: SlackChannel=")]
    if secret and secret.split(":")[3] != region:
        text = f"The Slack secret is in the region {secret.split(':')[3]}, and the stack is in {region}."
        return [refusal("slack", text, f"Create the secret in {region}, or replicate it there, and use that ARN.")]
    return []


def _drop_bucket(values: Mapping[str, str]) -> list[Finding]:
    bucket, prefix = values.get("DropBucketName", ""), values.get("DropPrefix", "")
    if prefix and not bucket:
        text = f"In the bucket that the stack creates, files outside of DropPrefix={prefix} are ignored."
        advice = "Set DropBucketName if you mean an existing bucket, or set DropPrefix to nothing: DropPrefix="
        return [warning("drop-prefix", text, advice)]
    if bucket and values.get("KeepDropsDays", "30") != "30":
        text = "KeepDropsDays has no effect, because it applies only to the bucket that the stack creates."
        advice = f"Give the bucket {bucket} a lifecycle rule for objects with the tag wardrop-status."
        return [warning("keep-drops", text, advice)]
    return []


def _key(name: str, arn: str, region: str, account: str) -> list[Finding]:
    if not arn:
        return []
    _, _, _, of_region, of_account, _ = arn.split(":", 5)
    if of_region != region:
        text = f"The key of {name} is in the region {of_region}, and the stack is in {region}."
        return [refusal("key-region", text, f"Use a key in {region}; S3 accepts no key of another region.")]
    if of_account != account:
        text = f"The key of {name} belongs to the account {of_account}."
        advice = "Its key policy must allow the roles of the stack. See docs/operations.md."
        return [warning("key-account", text, advice)]
    return []
