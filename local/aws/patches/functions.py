"""Runs Lambda functions as processes on this machine. Without this patch, moto would start containers."""

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend

from local.aws.processes import THROTTLED
from local.aws.refusals import Refused


def install(invoke: Callable[[str, bytes, bool], tuple[bytes, str | None] | None]) -> None:
    in_container = LambdaBackend.invoke

    def invoke_here(
        backend: LambdaBackend, name: str, qualifier: str | None, body: Any, headers: Any, answered: dict[str, str]
    ) -> Any:
        waits = headers.get("X-Amz-Invocation-Type") != "Event"
        payload = body if isinstance(body, bytes) else body.encode()
        outcome = invoke(name, payload or b"{}", waits)
        if outcome is None:
            return in_container(backend, name, qualifier, body, headers, answered)
        if outcome[1] == THROTTLED:
            raise Refused(THROTTLED, "Rate Exceeded.", 429)
        if outcome[1]:
            answered["x-amz-function-error"] = "Unhandled"
        return outcome[0]

    LambdaBackend.invoke = invoke_here
