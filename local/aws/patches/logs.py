"""Adds saved queries to moto's CloudWatch Logs. A query is only checked, and gets an id."""

import json
import uuid

from moto.logs.models import logs_backends
from moto.logs.responses import LogsResponse

from local.aws.refusals import Refused
from local.settings import ACCOUNT, REGION


def install() -> None:
    LogsResponse.put_query_definition = _put_query_definition


def _put_query_definition(response: LogsResponse) -> str:
    for name in response._get_param("logGroupNames") or []:
        if name not in logs_backends[ACCOUNT][REGION].groups:
            raise Refused("ResourceNotFoundException", f"The specified log group does not exist: {name}")
    return json.dumps({"queryDefinitionId": str(uuid.uuid4())})
