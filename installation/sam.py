"""The command line of `sam deploy`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    stack: str
    region: str
    asks: bool
    """Whether a person confirms the change set on the terminal."""


def deploy_command(sam: str, target: Target, values: Mapping[str, str]) -> list[str]:
    """Every parameter is explicit. For an omitted parameter, CloudFormation would use the stack's present value.

    An unchanged stack is a success. Nothing is saved in samconfig.toml, because the stack keeps the values.
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
    """NAME=VALUE for SAM's parser, which removes the outer quotes and the backslash before an inner quote."""
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'
