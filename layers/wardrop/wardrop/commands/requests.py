"""The requests to `run_command`, in JSON. The field `command` names the kind of a request."""

from datetime import datetime
from typing import Annotated, Any, get_args

import msgspec

from wardrop.commands.answers import Refusal, RefusalCode
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, Option, OptionSetting
from wardrop.foreign_json import JSON_ERRORS, problem_of
from wardrop.guard.proposal import Proposal, ProposalSource

MAX_BYTES = 128 * 1024
"""The maximum size of a request in bytes. A plan may contain several hundred options. Lambda accepts up to 6 MB."""

MOST_SETTINGS = 1000

MOST_DOCUMENT_CHARACTERS = 8 * 1024
"""An advanced parameter of Parameter Store has at most 8 KB (API reference, PutParameter)."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern="^[^/]+$")]
"""Elastic Beanstalk accepts every character except `/` in a version label."""

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
            raise ValueError("`now` requires `because`: the reason for ignoring freeze windows, a pause and the queue")


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
    """The label of the deployment to cancel.

    None: the request cancels every deployment of the environment that can be cancelled.
    """


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
    """Whether to return only the plan, without changing anything."""

    application: Name | None = None

    def __post_init__(self) -> None:
        if self.application is not None and not self.dry_run:
            raise ValueError("`application` requires `dry_run`, because a clean-up always covers all applications")


class ForgetConfiguration(Command, frozen=True, kw_only=True, tag="config forget"):
    application: Name


class CheckConfiguration(Command, frozen=True, kw_only=True, tag="config check"):
    application: Name
    document: Annotated[str, msgspec.Meta(max_length=MOST_DOCUMENT_CHARACTERS)]


class ShowConfiguration(Command, frozen=True, kw_only=True, tag="config show"):
    application: Name


class Status(Command, frozen=True, kw_only=True):
    of: Name | None = None
    """An application or an environment. None: all environments."""


class History(Command, frozen=True, kw_only=True):
    environment: Name
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class FindDrop(Command, frozen=True, kw_only=True, tag="drop"):
    drop: Annotated[str, msgspec.Meta(min_length=1, max_length=3_000)]
    """`s3://BUCKET/KEY#VERSION_ID` of the uploaded file."""


class Follow(Command, frozen=True, kw_only=True, tag="deployment"):
    environment: Name
    id: Name | None = None
    """The id of the deployment. None: the active deployment or, if there is none, the last finished deployment."""

    since: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """The response contains only events since this time. None: events since the deployment was queued."""


class Diff(Command, frozen=True, kw_only=True):
    environment: Name
    other: Name


_PRINTABLE = "[^=\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+"
Setting = Annotated[str, msgspec.Meta(pattern=f"^aws:{_PRINTABLE}:{_PRINTABLE}=", max_length=40_000)]
"""`namespace:option=value`"""

SettingName = Annotated[str, msgspec.Meta(pattern=f"^aws:{_PRINTABLE}:{_PRINTABLE}$", max_length=500)]
"""`namespace:option`"""


FileName = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9 ._-]+\\.config$", max_length=100)]
MOST_FILES = 20


class PlanSettings(Command, frozen=True, kw_only=True, tag="plan"):
    environment: Name
    settings: Annotated[list[Setting], msgspec.Meta(max_length=MOST_SETTINGS)] = []
    remove: Annotated[list[SettingName], msgspec.Meta(max_length=MOST_SETTINGS)] = []
    files: Annotated[dict[FileName, str], msgspec.Meta(max_length=MOST_FILES)] = {}
    """The contents of files in `.ebextensions`, keyed by file name.

    A file replaces the running version's file of the same name. All other files are added.
    """

    def __post_init__(self) -> None:
        if not self.settings and not self.remove and not self.files:
            raise ValueError("`plan` needs `settings`, `remove` or `files`")
        if self.files and (self.settings or self.remove):
            raise ValueError(
                "`files` cannot be combined with `settings` or `remove`, because only a deployment changes files"
            )

    @property
    def proposal(self) -> Proposal:
        return Proposal(
            settings=[_setting(text) for text in self.settings],
            removed=[_option(text) for text in self.remove],
            source=ProposalSource.REQUEST,
        )


def _setting(text: str) -> OptionSetting:
    option, _, value = text.partition("=")
    return OptionSetting(*_option(option), value)


def _option(text: str) -> Option:
    """Parses an option. Only the name of an environment property may contain colons."""
    if text.startswith(f"{ENVIRONMENT_PROPERTIES}:"):
        return ENVIRONMENT_PROPERTIES, text.removeprefix(f"{ENVIRONMENT_PROPERTIES}:")
    namespace, _, name = text.rpartition(":")
    return namespace, name


EnvironmentRequest = Deploy | Rollback | Approve | Decline | Cancel | Pause | Resume
"""The requests that change something in an environment."""

ApplicationRequest = Pin | Unpin | ForgetConfiguration | CheckConfiguration | ShowConfiguration
"""The requests about an application."""

ReadingRequest = Status | History | PlanSettings | Diff | FindDrop | Follow
"""The requests that change nothing."""

Request = EnvironmentRequest | ApplicationRequest | ReadingRequest | Clean
COMMANDS = ", ".join(str(request.__struct_config__.tag) for request in get_args(Request))


def loggable(request: Request) -> Any:
    """Returns the request without the values of settings, which may be secret, and without the text of a document."""
    document = msgspec.to_builtins(request)
    if isinstance(request, CheckConfiguration):
        document["document"] = f"{len(request.document)} characters"
    if isinstance(request, PlanSettings):
        document["settings"] = [text.partition("=")[0] for text in request.settings]
        document["files"] = sorted(request.files)
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
