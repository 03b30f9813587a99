"""Makes the command line of `sam deploy`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    stack: str
    region: str
    asks: bool
    """Whether a user confirms the change set on the terminal."""


def deploy_command(sam: str, target: Target, values: Mapping[str, str]) -> list[str]:
    """Returns the command, with every parameter. For an omitted parameter, CloudFormation would use the stack's value.

    If the stack does not change, `sam deploy` succeeds. The command saves no parameters in samconfig.toml, because the
    stack keeps them.
    """
    confirms = "--confirm-changeset" if target.asks else "--no-confirm-changeset"
    return [
        *(sam, "deploy"),
        *("--stack-name", target.stack),
        *("--region", target.region),
        *("--s3-prefix", target.stack),
        *("--capabilities", "CAPABILITY_IAM"),
        *("--resolve-s3", "--no-fail-on-empty-changeset", confirms),
        *("--parameter-overrides", *(f"{name}={quoted(value)}" for name, value in values.items())),
    ]


def quoted(value: str) -> str:
    """Quotes a value for SAM's parser of NAME=VALUE.

    The parser removes the outer quotes, and the backslash before each inner quote.
    """
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'
