"""Compares the version of the command with the version of the stack."""

import re

from wardrop_cli import __version__


def mismatch(stack: str | None, command: str = __version__) -> str | None:
    """The sentence about the upgrade that is needed. None: the versions are the same."""
    if stack is None:
        return "The stack is older than the command, because its outputs state no version. Upgrade the stack."
    if _numbers(stack) == _numbers(command):
        return None
    if _numbers(stack) > _numbers(command):
        return (
            f"The stack has the version {stack}, and the command has the older version {command}. Upgrade the command."
        )
    return f"The stack has the older version {stack}, and the command has the version {command}. Upgrade the stack."


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", version)][:3]
