"""The adapter of Parameter Store: documents, and the kinds of its errors."""

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import NOW
from wardrop.aws.parameters import MOST_CHARACTERS, Parameters
from wardrop.configuration.parameter import Document, Fault, FaultKind

PATH = "/wardrop/applications"
READ = {"Name": f"{PATH}/shop", "WithDecryption": True}


def read_with(code: str, message: str = "") -> Any:
    with Stubber(client("ssm")) as stub:
        stub.add_client_error("get_parameter", code, message, expected_params=READ)
        return Parameters(stub.client, PATH).read("shop")


def test_a_document_is_read_decrypted():
    with Stubber(client("ssm")) as stub:
        answer = {"Parameter": {"Value": "environments: []", "Version": 4, "LastModifiedDate": NOW}}
        stub.add_response("get_parameter", answer, READ)
        document = Parameters(stub.client, PATH).read("shop")
    assert document == Document(text="environments: []", version=4, modified_at=NOW)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("AccessDeniedException", "User: r is not authorized to perform: ssm:GetParameter", FaultKind.DENIED),
        ("AccessDeniedException", "User: r is not authorized to perform: kms:Decrypt", FaultKind.NOT_DECRYPTED),
        ("InvalidKeyId", "The key is disabled", FaultKind.NOT_DECRYPTED),
        ("ThrottlingException", "Rate exceeded", FaultKind.THROTTLED),
        ("InternalServerError", "", FaultKind.UNAVAILABLE),
        ("SomethingNew", "", FaultKind.UNAVAILABLE),
    ],
)
def test_an_error_is_a_fault_of_its_own_kind_and_never_a_missing_parameter(code, message, kind):
    fault = read_with(code, message)
    assert isinstance(fault, Fault)
    assert (fault.kind, code in fault.reason) == (kind, True)


def test_only_one_error_means_that_there_is_no_document():
    assert read_with("ParameterNotFound") is None


def test_a_parameter_store_that_does_not_answer_is_unavailable():
    class Silent:
        def get_parameter(self, **_: object) -> object:
            raise ConnectTimeoutError(endpoint_url="https://ssm")

    silent: Any = Silent()
    assert Parameters(silent, PATH).read("shop").kind is FaultKind.UNAVAILABLE


def test_the_reason_is_one_short_line():
    fault = read_with("AccessDeniedException", "x\n" * 1000)
    assert "\n" not in fault.reason
    assert len(fault.reason) <= MOST_CHARACTERS


def test_an_application_with_spaces_has_a_parameter_with_an_escaped_name():
    assert Parameters(client("ssm"), PATH).name("my shop") == f"{PATH}/my__20shop"
