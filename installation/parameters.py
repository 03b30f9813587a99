"""Chooses the value of each parameter: the given value, or else the stack's current value, or else the default."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from installation.declarations import Declaration, fault_of
from installation.findings import Finding, refusal, warning


class Source(StrEnum):
    GIVEN = "given"
    KEPT = "kept from the stack"
    DEFAULT = "default"


@dataclass(frozen=True)
class Chosen:
    value: str
    source: Source


class NotPairs(ValueError):
    """The string is not a list of NAME=VALUE pairs. The message is a sentence for users."""


def pairs_of(text: str) -> dict[str, str]:
    """Reads the pairs in a string such as `Applications="my shop" AlertEmail=ops@example.com`. Raises NotPairs."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise NotPairs(f"{text!r} cannot be read: {error}.") from error
    if wrong := [word for word in words if not word.partition("=")[0].isalnum() or "=" not in word]:
        raise NotPairs(f"{wrong[0]!r} is not of the form NAME=VALUE.")
    return dict(word.split("=", 1) for word in words)


def choose(
    declarations: Mapping[str, Declaration], given: Mapping[str, str], kept: Mapping[str, str]
) -> dict[str, Chosen]:
    """Chooses the values. `kept` contains the current parameters of the stack, and is empty for a new stack."""
    chosen = {}
    for name, declaration in declarations.items():
        if name in given:
            chosen[name] = Chosen(given[name], Source.GIVEN)
        elif name in kept:
            chosen[name] = Chosen(kept[name], Source.KEPT)
        else:
            chosen[name] = Chosen(declaration.default or "", Source.DEFAULT)
    return chosen


def values_of(chosen: Mapping[str, Chosen]) -> dict[str, str]:
    return {name: choice.value for name, choice in chosen.items()}


def faults_of_names(
    declarations: Mapping[str, Declaration], given: Mapping[str, str], kept: Mapping[str, str]
) -> list[Finding]:
    findings = []
    for name in sorted(given.keys() - declarations.keys()):
        close = get_close_matches(name, declarations, 1)
        advice = f"Did you mean {close[0]}?" if close else f"The parameters are {', '.join(declarations)}."
        findings.append(refusal("unknown-parameter", f"The template has no parameter {name}.", advice))
    for name in sorted(kept.keys() - declarations.keys()):
        text = f"The stack has the parameter {name}={kept[name]}, which this version of the template does not have."
        findings.append(warning("removed-parameter", text, "Read CHANGELOG.md before you continue."))
    return findings


def faults_of_values(declarations: Mapping[str, Declaration], chosen: Mapping[str, Chosen]) -> list[Finding]:
    findings = []
    for name, choice in chosen.items():
        if fault := fault_of(declarations[name], choice.value):
            text = f"{name}={choice.value} ({choice.source}) is not accepted: {fault}."
            findings.append(refusal("bad-value", text, f"Set it: make deploy PARAMETERS='{name}=...'"))
    return findings
