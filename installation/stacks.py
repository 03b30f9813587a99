"""Checks the name and the state of the stack, and other stacks of Wardrop in the same region."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from installation.findings import Finding, objection, refusal, warning
from installation.patterns import have_a_common_name

OUTPUTS = {"DropBucket", "ReleaseBucket", "AlertTopicArn", "LedgerTable"}
"""The outputs that identify a stack of Wardrop."""

LONGEST = 128
LONGEST_GENERATED = 64
"""The names of functions, roles and rules have at most 64 characters.

CloudFormation generates these names, for example STACK-ReceiveDrop-1A2B3C4D5E6F. If the stack's name is long,
CloudFormation shortens them.
"""

RANDOM_PART = len("-") + len("-1A2B3C4D5E6F")
NAMED = {
    "AWS::Serverless::Function": "Role",
    "AWS::Events::Rule": "",
    "AWS::Scheduler::Schedule": "",
    "AWS::IAM::Role": "",
}
"""The types of resources whose names are generated and have at most 64 characters.

Each type is mapped to the string that SAM appends to the resource's logical id.
"""


@dataclass(frozen=True)
class Stack:
    name: str
    status: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_wardrop(self) -> bool:
        return self.outputs.keys() >= OUTPUTS


def stack_name(stage: str) -> str:
    return f"wardrop-{stage}" if stage else "wardrop"


def faults_of_name(name: str, template: Mapping[str, Any]) -> list[Finding]:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) or len(name) > LONGEST:
        text = f"{name!r} is not a stack name. A name has letters, digits and hyphens, begins with a letter, and has"
        return [refusal("stack-name", f"{text} at most {LONGEST} characters.", "Choose another STAGE or STACK.")]
    if name.lower().startswith(("aws", "ssm")):
        text = f"The stack {name} would own the SSM parameter /{name}/outputs, but SSM reserves this name."
        return [refusal("stack-name", text, "Choose a STACK that does not begin with aws or ssm.")]
    if len(name) > (longest := longest_name(template)):
        text = f"The name {name} has {len(name)} characters. CloudFormation shortens the names of functions and roles,"
        advice = f"Choose a STAGE or STACK so that the name has at most {longest} characters."
        return [warning("stack-name", f"{text} so they are hard to recognize in logs.", advice)]
    return []


def longest_name(template: Mapping[str, Any]) -> int:
    """Returns the length of the longest stack name for which CloudFormation shortens no generated name."""
    lengths = [
        len(logical_id + NAMED[resource["Type"]])
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in NAMED
    ]
    return LONGEST_GENERATED - RANDOM_PART - max(lengths)


def faults_of_state(stack: Stack) -> list[Finding]:
    """Returns the reasons why the stack cannot be updated in its current state."""
    look = f"aws cloudformation describe-stack-events --stack-name {stack.name}"
    match stack.status:
        case "REVIEW_IN_PROGRESS":
            return []
        case "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED":
            text = f"The creation or deletion of the stack {stack.name} failed ({stack.status}). It cannot be updated."
            delete = f"Read the reason ({look}), then: aws cloudformation delete-stack --stack-name {stack.name}"
            return [refusal("stack-state", text, delete)]
        case "UPDATE_ROLLBACK_FAILED":
            text = f"The last update of {stack.name} failed, and so did its rollback."
            again = f"Read the reason ({look}), then: aws cloudformation continue-update-rollback"
            return [refusal("stack-state", text, f"{again} --stack-name {stack.name}")]
        case status if status.endswith("_IN_PROGRESS"):
            return [
                refusal("stack-state", f"The stack {stack.name} is in the state {status}.", "Wait until it changes.")
            ]
        case _:
            return []


def faults_of_sharing(name: str, applications: str, stacks: Iterable[Stack]) -> list[Finding]:
    """Refuses a second stack for the same application, because both would deploy to it and clean up its versions."""
    findings = []
    for other in stacks:
        served = other.parameters.get("Applications", "*")
        if other.name != name and other.is_wardrop and have_a_common_name(applications, served):
            text = (
                f"The stack {other.name} serves the applications {served!r}, and {name} would serve {applications!r}."
            )
            harm = "Both would deploy to the shared applications, and each would delete the other's versions."
            advice = f"Give each stack its own Applications, or update {other.name} instead."
            findings.append(objection("shared-applications", f"{text} {harm}", advice))
    return findings
