"""The recorder of permissions names the denied calls, and the grants that no test needed."""

from typing import Any

from tests import gate
from tests.grants import NEEDED_IN_AWS, RARE, declared, faults

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Worker": {"Type": "AWS::Lambda::Function"},
        "WorkerRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Policies": [
                    {
                        "PolicyDocument": {
                            "Statement": [
                                {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"]},
                                {"Fn::If": ["A", {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage"}, {}]},
                                {"Sid": "Never", "Effect": "Deny", "Action": "s3:DeleteBucket"},
                                {"Sid": "WriteTraces", "Effect": "Allow", "Action": "xray:PutTraceSegments"},
                            ]
                        }
                    }
                ]
            },
        },
    }
}
READ = ["WorkerRole", "Read", "s3:GetObject"]
LIST, SEND = ["WorkerRole", "Read", "s3:ListBucket"], ["WorkerRole", "Send", "sqs:SendMessage"]


def recording(*grants: list[str], **denied: str) -> dict[str, Any]:
    calls = [{"principal": name, "service": "s3", "action": action} for name, action in denied.items()]
    return {"grants": list(grants), "denied": calls}


def test_a_grant_that_no_stand_in_used_is_named():
    assert faults(TEMPLATE, [recording(READ), recording(LIST)], is_complete=True) == [
        "no test needs sqs:SendMessage of Send in WorkerRole"
    ]
    assert faults(TEMPLATE, [recording(READ, LIST, SEND)], is_complete=True) == []


def test_a_selection_of_tests_does_not_show_that_a_grant_is_not_needed():
    assert faults(TEMPLATE, [recording()], is_complete=False) == []


def test_a_denied_call_of_a_function_is_named_and_one_of_a_test_is_not():
    denied = recording(Worker="PutObject", intruder="PutObject")
    assert faults(TEMPLATE, [denied], is_complete=False) == ["Worker was denied s3:PutObject"]


def test_every_exception_belongs_to_a_grant_of_the_template():
    grants = set(declared(gate.expand(gate.TEMPLATE.read_text())))
    assert NEEDED_IN_AWS.keys() <= {sid for _, sid, _ in grants}
    assert RARE.keys() <= grants
