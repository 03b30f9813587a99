"""Writes of the SSM parameter of a configuration."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from wardrop_cli.aws.parameters import Parameters
from wardrop_cli.failures import Failure


def test_a_parameter_that_exists_at_its_creation_is_not_attributed_to_another_user() -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ParameterAlreadyExists", "Message": "x"}}, "PutParameter")

    account: Any = SimpleNamespace(client=lambda _: SimpleNamespace(put_parameter=refuse))
    with pytest.raises(Failure, match="another write, perhaps an earlier attempt of this command"):
        Parameters(account).create("/wardrop/applications/shop", "{}")
