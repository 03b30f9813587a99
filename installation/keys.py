"""Checks a customer managed KMS key."""

from installation.findings import CannotTell, Finding, refusal, unread


def faults_of_key(parameter: str, state: str | CannotTell | None) -> list[Finding]:
    """`state` is KMS's KeyState. None: the key does not exist."""
    match state:
        case None:
            return [refusal("key-missing", f"There is no key with the ARN in {parameter}.", f"Correct {parameter}.")]
        case CannotTell() as unknown:
            return [unread("key-unread", f"whether the key in {parameter} is enabled", unknown)]
        case "Enabled":
            return []
        case other:
            text = f"The key in {parameter} is in the state {other}."
            return [refusal("key-state", text, "Enable the key, or use another key.")]
