"""One secret in AWS Secrets Manager."""

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from wardrop.aws.secrets import NoSecret, Secrets


def test_a_secret_is_read_unchanged():
    with Stubber(client("secretsmanager")) as stub:
        stub.add_response("get_secret_value", {"SecretString": "{}"}, {"SecretId": "arn"})
        assert Secrets(stub.client, "arn").read() == "{}"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure"])
def test_an_unreadable_secret_is_reported_with_the_cause(code):
    with Stubber(client("secretsmanager")) as stub:
        stub.add_client_error("get_secret_value", code)
        with pytest.raises(NoSecret, match=code):
            Secrets(stub.client, "arn").read()


def test_a_binary_secret_is_refused():
    with Stubber(client("secretsmanager")) as stub:
        stub.add_response("get_secret_value", {"SecretBinary": b"x"})
        with pytest.raises(NoSecret, match="binary"):
            Secrets(stub.client, "arn").read()
