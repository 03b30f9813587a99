"""The AWS account: credentials, region, clients, and the outputs of the stack."""

import json
import os
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from wardrop_cli import __version__
from wardrop_cli.aws.explain import explanation
from wardrop_cli.failures import not_reached
from wardrop_cli.settings import Settings
from wardrop_cli.stack import Outputs, outputs_of

PATIENCE = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent_extra=f"wardrop/{__version__}",
)


class Account:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def session(self) -> Any:
        session = botocore.session.Session(profile=self._settings.profile)
        # botocore reads only AWS_DEFAULT_REGION. AWS CLI reads AWS_REGION first.
        if region := self._settings.region or os.environ.get("AWS_REGION"):
            session.set_config_variable("region", region)
        return session

    @property
    def region(self) -> str:
        try:
            region = self.session.get_config_variable("region")
        except (BotoCoreError, ClientError) as error:
            raise explanation(error) from error
        if not region:
            raise not_reached(
                "no region is configured", "Use --region, or set AWS_REGION, for example to eu-central-1."
            )
        return str(region)

    def client(self, service: str, config: Config = PATIENCE) -> Any:
        try:
            return self.session.create_client(service, region_name=self.region, config=config)
        except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: the endpoint is not a URL
            raise explanation(error) from error

    def credentials(self) -> Any:
        """The current credentials. Raises Failure if there are none, or if they cannot be read."""
        try:
            credentials = self.session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            return credentials.get_frozen_credentials()
        except BotoCoreError as error:
            raise explanation(error) from error

    @cached_property
    def outputs(self) -> Outputs:
        name = f"/{self._settings.stack}/outputs"
        ssm = self.client("ssm")
        try:
            value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except ClientError as error:
            if error.response["Error"]["Code"] in ("ParameterNotFound", "ValidationException"):
                text = f"there is no stack {self._settings.stack!r} in {self.region}: it has no SSM parameter {name}"
                raise not_reached(text, "Check --stack, --region and --profile, or install the stack.") from error
            raise explanation(error) from error
        except BotoCoreError as error:
            raise explanation(error) from error
        return outputs_of(name, value, is_local=_is_local(ssm.meta.endpoint_url))


def _is_local(endpoint: str) -> bool:
    """Whether AWS's endpoint is on this machine, such as the stand-in. Its URLs are plain http."""
    return urlsplit(endpoint).hostname in ("localhost", "127.0.0.1", "::1")


def document_of(content: bytes) -> Any:
    """None: the content is not JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return None
