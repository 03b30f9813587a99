"""Lets a new stack adopt the ledger and the release bucket of a deleted stack.

CloudFormation first imports both resources into a stack that contains nothing else. The deployment then updates this
stack. An imported resource needs a DeletionPolicy (user guide, "Create a stack from existing resources"). The template
of the import must not set the names of the resources, because the template of the later update does not set them.
Otherwise, CloudFormation would treat the update as a change of the names, and replace the resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from installation.findings import CannotTell, Finding, refusal, unread
from installation.stacks import Stack


@dataclass(frozen=True)
class Kind:
    logical_id: str
    type: str
    identifier: str


KINDS = {
    "LedgerTable": Kind("Ledger", "AWS::DynamoDB::Table", "TableName"),
    "ReleaseBucket": Kind("ReleaseBucket", "AWS::S3::Bucket", "BucketName"),
}
"""The kinds of resources that can be adopted. Each key is a stack output, which contains the resource's name."""

HOW = "make deploy ADOPT='LedgerTable=NAME ReleaseBucket=NAME'"


@dataclass(frozen=True)
class Table:
    """The current definition of an existing table."""

    keys: tuple[str, ...]
    indexes: tuple[str, ...]
    has_stream: bool


@dataclass(frozen=True)
class Leftovers:
    """The resources to adopt, as they exist in the account. None: the resource does not exist."""

    table: Table | CannotTell | None
    bucket_region: str | CannotTell | None
    owners: Mapping[str, str | CannotTell | None]
    """The name of the stack that contains each resource. None: no stack contains it. The keys are those of KINDS."""


def faults_of_request(adopted: Mapping[str, str], stack: Stack | None) -> list[Finding]:
    if not adopted:
        return []
    if adopted.keys() != KINDS.keys():
        text = "The ledger and the release bucket belong together: the ledger names the bundles in the bucket."
        return [refusal("adopt", text, f"Name both: {HOW}")]
    if stack and stack.status != "REVIEW_IN_PROGRESS":
        text = f"The stack {stack.name} exists already. Only a new stack can adopt a ledger."
        return [refusal("adopt", text, "Choose another STAGE or STACK, or delete this stack first.")]
    return []


def faults_of_leftovers(leftovers: Leftovers, region: str, template: Mapping[str, Any]) -> list[Finding]:
    return [
        *_owned(leftovers.owners),
        *_table(leftovers.table, _declared(template)),
        *_bucket(leftovers.bucket_region, region),
    ]


def _owned(owners: Mapping[str, str | CannotTell | None]) -> list[Finding]:
    findings = []
    for output, owner in owners.items():
        match owner:
            case CannotTell() as unknown:
                findings.append(unread("adopt-owner", f"whether a stack still contains the {output}", unknown))
            case str(name):
                text = f"The {output} still belongs to the stack {name}."
                advice = f"Delete that stack first; the {output} is kept: aws cloudformation delete-stack"
                findings.append(refusal("adopt-owner", text, f"{advice} --stack-name {name}"))
    return findings


def _table(table: Table | CannotTell | None, declared: Table) -> list[Finding]:
    match table:
        case None:
            return [refusal("adopt-table", "The ledger table does not exist in this region.", f"Check its name: {HOW}")]
        case CannotTell() as unknown:
            return [unread("adopt-table", "whether the table is a ledger", unknown)]
    if (table.keys, table.indexes) != (declared.keys, declared.indexes) or not table.has_stream:
        text = f"The table is not a ledger: it has {_described(table)}, and a ledger has {_described(declared)}."
        return [refusal("adopt-table", text, "CloudFormation would replace the table by an empty one. Check its name.")]
    return []


def _described(table: Table) -> str:
    stream = "a stream" if table.has_stream else "no stream"
    indexes = f"the index {', '.join(table.indexes)}" if table.indexes else "no index"
    return f"the key {', '.join(table.keys)}, {indexes} and {stream}"


def _bucket(found: str | CannotTell | None, region: str) -> list[Finding]:
    match found:
        case None:
            return [refusal("adopt-bucket", "The release bucket does not exist.", f"Check its name: {HOW}")]
        case CannotTell() as unknown:
            return [unread("adopt-bucket", "in which region the release bucket is", unknown)]
        case other if other != region:
            text = f"The release bucket is in {other}, and the stack is in {region}."
            return [refusal("adopt-bucket", text, f"Deploy the stack to {other}.")]
    return []


def _declared(template: Mapping[str, Any]) -> Table:
    return table_of(template["Resources"][KINDS["LedgerTable"].logical_id]["Properties"])


def table_of(described: Mapping[str, Any]) -> Table:
    """Reads the keys and indexes from the properties in the template, or from the response of DescribeTable."""
    return Table(
        keys=tuple(key["AttributeName"] for key in described["KeySchema"]),
        indexes=tuple(sorted(index["IndexName"] for index in described.get("GlobalSecondaryIndexes", []))),
        has_stream="StreamViewType" in described.get("StreamSpecification", {}),
    )


def import_template(template: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a template with only the adopted resources.

    Properties with intrinsic functions are left out. The update after the import sets them.
    """
    resources = {}
    for kind in KINDS.values():
        properties = template["Resources"][kind.logical_id]["Properties"]
        plain = {name: value for name, value in properties.items() if _is_plain(value)}
        resources[kind.logical_id] = {"Type": kind.type, "DeletionPolicy": "Retain", "Properties": plain}
    return {"AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"], "Resources": resources}


def _is_plain(value: Any) -> bool:
    """Whether the value contains no intrinsic function. `declarations.template_of` replaces these functions by None."""
    match value:
        case None:
            return False
        case dict():
            return all(map(_is_plain, value.values()))
        case list():
            return all(map(_is_plain, value))
        case _:
            return True


def resources_to_import(adopted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Returns the value of the parameter ResourcesToImport for CreateChangeSet."""
    return [
        {
            "ResourceType": KINDS[output].type,
            "LogicalResourceId": KINDS[output].logical_id,
            "ResourceIdentifier": {KINDS[output].identifier: name},
        }
        for output, name in adopted.items()
    ]
