"""The outputs of the stack, as the SSM parameter `/<stack>/outputs` names them."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from wardrop_cli.failures import Failure, not_reached


@dataclass(frozen=True)
class Outputs:
    run_command_url: str
    drop_bucket: str
    release_bucket: str
    drop_prefix: str
    log_bucket: str | None
    """None: an older stack, whose outputs do not contain this bucket."""

    version: str | None
    """None: an older stack, whose outputs do not contain a version."""

    @property
    def service(self) -> str:
        """The service for which requests are signed (docs/commands.md)."""
        return "execute-api" if ".execute-api." in (urlsplit(self.run_command_url).hostname or "") else "lambda"


def outputs_of(parameter: str, value: str, *, is_local: bool) -> Outputs:
    """Raises Failure if the parameter does not contain the outputs of a stack of Wardrop."""
    try:
        given = json.loads(value)
    except ValueError:
        raise _malformed(parameter, "is not JSON") from None
    if not isinstance(given, dict):
        raise _malformed(parameter, "is not a JSON object")
    outputs = Outputs(
        run_command_url=_text(parameter, given, "RunCommandUrl"),
        drop_bucket=_text(parameter, given, "DropBucket"),
        release_bucket=_text(parameter, given, "ReleaseBucket"),
        drop_prefix=given["DropPrefix"] if isinstance(given.get("DropPrefix"), str) else "",
        log_bucket=given.get("LogBucket") if isinstance(given.get("LogBucket"), str) else None,
        version=given.get("Version") if isinstance(given.get("Version"), str) else None,
    )
    url = urlsplit(outputs.run_command_url)
    if not url.hostname or url.scheme not in (("https", "http") if is_local else ("https",)):
        raise _malformed(parameter, f"contains the URL {outputs.run_command_url!r}, which is not an https URL")
    return outputs


def _text(parameter: str, given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise _malformed(parameter, f"contains no {name}")
    return value


def _malformed(parameter: str, fault: str) -> Failure:
    advice = "Check --stack, or deploy the stack again, which writes the parameter."
    return not_reached(f"the SSM parameter {parameter} {fault}", advice)
