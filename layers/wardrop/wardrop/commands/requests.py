"""The requests to `run_command`: JSON, told apart by the field `command`."""

from typing import Annotated, Any, get_args

import msgspec

from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, Option, OptionSetting
from wardrop.foreign_json import JSON_ERRORS, problem_of
from wardrop.guard.proposal import Proposal, Source

MAX_BYTES = 128 * 1024
"""A plan may contain several hundred options. Lambda itself refuses more than 6 MB."""

MOST_SETTINGS = 1000

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern="^[^/]+$")]
"""Elastic Beanstalk accepts every other character in a version label."""

Because = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Command(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="command", tag=str.lower
):
    """A request. The field `command` is the name of the class in lower case."""


class Deploy(Command, frozen=True, kw_only=True):
    environment: Name
    label: Label
    now: bool = False
    because: Because | None = None

    def __post_init__(self) -> None:
        if self.now and self.because is None:
            raise ValueError("`now` requires `because`, because it ignores freeze windows, a pause and the queue")


class Rollback(Command, frozen=True, kw_only=True):
    environment: Name
    to: Label | None = None
    because: Because | None = None


class Approve(Command, frozen=True, kw_only=True):
    environment: Name
    label: Label


class Decline(Command, frozen=True, kw_only=True):
    environment: Name
    label: Label
    because: Because | None = None


class Cancel(Command, frozen=True, kw_only=True):
    environment: Name
    label: Label | None = None
    """None: cancels every deployment of the environment that can be cancelled."""


class Pause(Command, frozen=True, kw_only=True):
    environment: Name
    because: Because | None = None


class Resume(Command, frozen=True, kw_only=True):
    environment: Name


class Pin(Command, frozen=True, kw_only=True):
    application: Name
    label: Label


class Unpin(Command, frozen=True, kw_only=True):
    application: Name
    label: Label


class Clean(Command, frozen=True, kw_only=True):
    dry_run: bool = False
    """Whether only the plan is returned, and nothing is changed."""

    application: Name | None = None

    def __post_init__(self) -> None:
        if self.application is not None and not self.dry_run:
            raise ValueError("`application` requires `dry_run`, because a clean-up always covers all applications")


class ForgetConfiguration(Command, frozen=True, kw_only=True, tag="config forget"):
    application: Name


class Status(Command, frozen=True, kw_only=True):
    of: Name | None = None
    """An application or an environment. None: all environments."""


class History(Command, frozen=True, kw_only=True):
    environment: Name
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


_PRINTABLE = "[^=\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+"
Setting = Annotated[str, msgspec.Meta(pattern=f"^aws:{_PRINTABLE}:{_PRINTABLE}=", max_length=40_000)]
"""`namespace:option=value`"""

SettingName = Annotated[str, msgspec.Meta(pattern=f"^aws:{_PRINTABLE}:{_PRINTABLE}$", max_length=500)]
"""`namespace:option`"""


class PlanSettings(Command, frozen=True, kw_only=True, tag="plan"):
    environment: Name
    settings: Annotated[list[Setting], msgspec.Meta(max_length=MOST_SETTINGS)] = []
    remove: Annotated[list[SettingName], msgspec.Meta(max_length=MOST_SETTINGS)] = []

    def __post_init__(self) -> None:
        if not self.settings and not self.remove:
            raise ValueError("`plan` needs `settings` or `remove`")

    @property
    def proposal(self) -> Proposal:
        return Proposal(
            settings=[_setting(text) for text in self.settings],
            removed=[_option(text) for text in self.remove],
            source=Source.REQUEST,
        )


def _setting(text: str) -> OptionSetting:
    option, _, value = text.partition("=")
    return OptionSetting(*_option(option), value)


def _option(text: str) -> Option:
    """The name of an environment property may contain colons; the names of all other options do not."""
    if text.startswith(f"{ENVIRONMENT_PROPERTIES}:"):
        return ENVIRONMENT_PROPERTIES, text.removeprefix(f"{ENVIRONMENT_PROPERTIES}:")
    namespace, _, name = text.rpartition(":")
    return namespace, name


EnvironmentRequest = Deploy | Rollback | Approve | Decline | Cancel | Pause | Resume
"""The requests that change something in an environment."""

Request = EnvironmentRequest | Pin | Unpin | Clean | ForgetConfiguration | Status | History | PlanSettings
COMMANDS = ", ".join(str(request.__struct_config__.tag) for request in get_args(Request))


def loggable(request: Request) -> Any:
    """The request without the values of settings, which may be secret."""
    document = msgspec.to_builtins(request)
    if isinstance(request, PlanSettings):
        document["settings"] = [text.partition("=")[0] for text in request.settings]
    return document


def parse(body: bytes | None) -> Request | Refusal:
    """Decodes a request. `body` is None if it is not valid base64."""
    if body is None:
        return malformed("the body is not base64")
    if len(body) > MAX_BYTES:
        return malformed(f"the request has {len(body)} bytes, but the limit is {MAX_BYTES}")
    try:
        request: Request = msgspec.json.decode(body, type=Request)
    except JSON_ERRORS as error:
        return malformed(problem_of(error))
    return request


def malformed(reason: str) -> Refusal:
    advice = f'send a JSON object such as {{"command": "status"}}; the commands are {COMMANDS}'
    return Refusal(code=RefusalCode.MALFORMED, reason=reason, advice=advice)
