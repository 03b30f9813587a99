"""The outputs of the stack."""

import json

import pytest

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.stack import outputs_of

PARAMETER = "/wardrop/outputs"
GIVEN = {"RunCommandUrl": "https://x.lambda-url.eu-west-1.on.aws/", "DropBucket": "drops", "ReleaseBucket": "releases"}


def test_unknown_outputs_are_ignored_and_new_ones_may_be_missing() -> None:
    outputs = outputs_of(PARAMETER, json.dumps({**GIVEN, "New": [1]}), is_local=False)
    assert (outputs.service, outputs.version, outputs.drop_prefix, outputs.log_bucket) == ("lambda", None, "", None)


def test_requests_to_an_http_api_are_signed_for_another_service() -> None:
    url = "https://abc.execute-api.eu-central-2.amazonaws.com/"
    assert outputs_of(PARAMETER, json.dumps({**GIVEN, "RunCommandUrl": url}), is_local=False).service == "execute-api"
    hidden = "https://x.lambda-url.eu-west-1.on.aws/.execute-api."
    assert outputs_of(PARAMETER, json.dumps({**GIVEN, "RunCommandUrl": hidden}), is_local=False).service == "lambda"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "[]",
        "{}",
        json.dumps({**GIVEN, "RunCommandUrl": 5}),
        json.dumps({**GIVEN, "DropBucket": ""}),
        json.dumps({**GIVEN, "RunCommandUrl": "http://example.com/"}),
        json.dumps({**GIVEN, "RunCommandUrl": "ftp://example.com/"}),
        json.dumps({**GIVEN, "RunCommandUrl": "https://"}),
    ],
)
def test_malformed_outputs_are_refused(value: str) -> None:
    with pytest.raises(Failure, match=PARAMETER) as raised:
        outputs_of(PARAMETER, value, is_local=False)
    assert raised.value.exit_code is ExitCode.NOT_REACHED


def test_plain_http_is_accepted_only_on_this_machine() -> None:
    value = json.dumps({**GIVEN, "RunCommandUrl": "http://localhost:4566/lambda-url/x/"})
    assert outputs_of(PARAMETER, value, is_local=True).run_command_url.startswith("http://localhost")
