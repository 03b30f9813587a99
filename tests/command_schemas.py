"""Writes the JSON schemas of the documents that `wardrop VERB --json` prints: `python -m tests.command_schemas`.

The schemas of the stack's answers come from the types of the answers. A document may have more fields than its schema.
"""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from wardrop.commands.answers import (
    Checked,
    Comparison,
    Deployments,
    Done,
    DropOutcome,
    Effects,
    Environments,
    FollowedDeployment,
    Refusal,
    ShownConfiguration,
)
from wardrop.versions.plan import Plan
from wardrop_cli.doctor.findings import Finding

FOLDER = Path(__file__).resolve().parents[1] / "cli/wardrop_cli/schemas"


class Error(msgspec.Struct, tag_field="answer", tag="error"):
    """The command ended with an error. stderr has the same text."""

    exit_code: int
    reason: str
    advice: str


class Dropped(msgspec.Struct, tag_field="answer", tag="dropped"):
    """The file was uploaded. With `--wait`, `outcome` and `deployments` show what happened to it."""

    drop: str
    bucket: str
    key: str
    version_id: str | None
    outcome: DropOutcome | None
    deployments: list[FollowedDeployment]


class Log(msgspec.Struct):
    key: str
    text: str


class Logs(msgspec.Struct, tag_field="answer", tag="logs"):
    environment: str
    deployment: str
    cause: list[str]
    """The lines of the log that name the cause of a failure. Empty: none are known."""

    logs: list[Log]


class Pushed(msgspec.Struct, tag_field="answer", tag="pushed"):
    """The configuration was stored."""

    parameter: str
    version: int
    changed: bool


class Doctor(msgspec.Struct, tag_field="answer", tag="doctor"):
    exit_code: int
    findings: list[Finding]


DOCUMENTS: dict[str, list[Any]] = {
    "status": [Environments],
    "watch": [Environments],
    "history": [Deployments],
    "drop": [Dropped],
    "logs": [Logs],
    "diff": [Comparison],
    "plan": [Effects],
    "clean": [Done, Plan],
    "doctor": [Doctor],
    "config": [Done, Checked, ShownConfiguration, Pushed],
    **{
        verb: [Done]
        for verb in ("deploy", "rollback", "approve", "decline", "cancel", "pause", "resume", "pin", "unpin")
    },
}


def documents() -> dict[str, str]:
    """The content of each file, by the name of the verb."""
    return {verb: _text(verb, [*kinds, Refusal, Error]) for verb, kinds in DOCUMENTS.items()}


def _text(verb: str, kinds: list[Any]) -> str:
    union: Any = kinds[0]
    for kind in kinds[1:]:
        union = union | kind
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The document that wardrop {verb} --json prints",
    }
    return json.dumps(head | schema_of(union), indent=1, sort_keys=False) + "\n"


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON schema of a type. Before Python 3.13, docstrings keep their indentation, which is removed here."""
    cleaned: dict[str, Any] = _cleaned(msgspec.json.schema(kind))
    return cleaned


def _cleaned(schema: Any) -> Any:
    match schema:
        case dict():
            return {
                name: inspect.cleandoc(value) if name == "description" and isinstance(value, str) else _cleaned(value)
                for name, value in schema.items()
            }
        case list():
            return [_cleaned(each) for each in schema]
        case _:
            return schema


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for verb, text in documents().items():
        (FOLDER / f"{verb}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    write()
