"""Which ledgers and release buckets a new stack can adopt."""

import pytest

from installation.adoption import (
    Leftovers,
    Table,
    faults_of_leftovers,
    faults_of_request,
    import_template,
    resources_to_import,
)
from installation.declarations import template_of
from installation.findings import CannotTell
from installation.stacks import Stack
from tests import gate

TEMPLATE = template_of(gate.TEMPLATE.read_text())
REGION = "eu-central-1"
LEDGER = Table(("pk", "sk"), ("active",), has_stream=True)
ADOPTED = {"LedgerTable": "wardrop-Ledger-1", "ReleaseBucket": "wardrop-releasebucket-1"}
UNKNOWN = CannotTell("your credentials may not call DescribeTable")
FREE = dict.fromkeys(ADOPTED)


def test_the_ledger_and_the_bucket_of_a_deleted_stack_can_be_adopted():
    assert faults_of_leftovers(Leftovers(LEDGER, REGION, FREE), REGION, TEMPLATE) == []
    assert faults_of_request(ADOPTED, None) == []
    assert faults_of_request({}, Stack("wardrop", "UPDATE_COMPLETE")) == []


@pytest.mark.parametrize(
    ("leftovers", "expected"),
    [
        (Leftovers(None, REGION, FREE), ("refused", "adopt-table")),
        (Leftovers(UNKNOWN, REGION, FREE), ("warning", "adopt-table")),
        (Leftovers(Table(("pk",), ("active",), True), REGION, FREE), ("refused", "adopt-table")),
        (Leftovers(Table(("pk", "sk"), (), True), REGION, FREE), ("refused", "adopt-table")),
        (Leftovers(Table(("pk", "sk"), ("active",), False), REGION, FREE), ("refused", "adopt-table")),
        (Leftovers(LEDGER, None, FREE), ("refused", "adopt-bucket")),
        (Leftovers(LEDGER, "us-east-1", FREE), ("refused", "adopt-bucket")),
        (Leftovers(LEDGER, UNKNOWN, FREE), ("warning", "adopt-bucket")),
        (Leftovers(LEDGER, REGION, {**FREE, "LedgerTable": "wardrop"}), ("refused", "adopt-owner")),
        (Leftovers(LEDGER, REGION, {**FREE, "LedgerTable": UNKNOWN}), ("warning", "adopt-owner")),
    ],
)
def test_what_cloudformation_would_refuse_or_replace_is_refused(leftovers, expected):
    [finding] = faults_of_leftovers(leftovers, REGION, TEMPLATE)
    assert (finding.severity, finding.code) == expected


@pytest.mark.parametrize(
    ("adopted", "stack"),
    [
        ({"LedgerTable": "a"}, None),
        ({"LedgerTable": "a", "ReleaseBucket": "b", "DropBucket": "c"}, None),
        (ADOPTED, Stack("wardrop", "CREATE_COMPLETE")),
    ],
)
def test_an_incomplete_request_and_a_stack_that_exists_are_refused(adopted, stack):
    [finding] = faults_of_request(adopted, stack)
    assert finding.severity == "refused"


def test_the_stack_of_the_import_contains_only_the_adopted_resources_without_names():
    imported = import_template(TEMPLATE)["Resources"]
    assert imported.keys() == {"Ledger", "ReleaseBucket"}
    assert {resource["DeletionPolicy"] for resource in imported.values()} == {"Retain"}
    assert "TableName" not in imported["Ledger"]["Properties"]
    assert imported["Ledger"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert "None" not in str(imported)


def test_each_resource_is_imported_by_its_name():
    assert resources_to_import(ADOPTED) == [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "Ledger",
            "ResourceIdentifier": {"TableName": "wardrop-Ledger-1"},
        },
        {
            "ResourceType": "AWS::S3::Bucket",
            "LogicalResourceId": "ReleaseBucket",
            "ResourceIdentifier": {"BucketName": "wardrop-releasebucket-1"},
        },
    ]
