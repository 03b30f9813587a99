"""The answers of the stack match the JSON schemas in the wheel."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.command_schemas import documents
from tests.unit.cli.samples import followed
from tests.unit.commands.samples import STAGING
from tests.unit.commands.world import CommandWorld
from tests.unit.samples import NEW, OLD, event, good, queued
from wardrop.commands.requests import Cancel, Clean, Deploy, Diff, Follow, History, Status
from wardrop.versions.plan import Plan
from wardrop_cli.__main__ import run
from wardrop_cli.app import VERBS
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import usage

WITHOUT_DOCUMENT = {"schema"}
"""`wardrop schema` prints a schema, with and without `--json`."""


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - WITHOUT_DOCUMENT))
def test_every_verb_has_the_schema_that_its_types_lead_to(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, run: PYTHONPATH=layers/wardrop:. python -m tests.command_schemas"""
    assert run(["schema", verb]) == ExitCode.SUCCESS
    assert capsys.readouterr().out == documents()[verb]


def test_an_unknown_verb_has_no_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "statsu"]) == ExitCode.USAGE
    assert "status" in capsys.readouterr().err


def valid(verb: str, document: Any) -> None:
    jsonschema.Draft202012Validator(json.loads(documents()[verb])).validate(document)


def test_real_answers_are_valid() -> None:
    world = CommandWorld()
    world.has(queued(), good=[good(OLD)])
    world.beanstalk.event_log = [event("Environment update is starting.")]
    world.clean_ups.plan_answer = Plan(
        quota=1000, versions=1, versions_to_delete=0, bundles_to_delete=0, bytes_to_free=0, decisions=[]
    )
    answers = [
        ("status", Status()),
        ("drop", Follow(environment=STAGING)),
        ("cancel", Cancel(environment=STAGING)),
        ("history", History(environment=STAGING)),
        ("deploy", Deploy(environment=STAGING, label=NEW)),
        ("clean", Clean(dry_run=True)),
        ("diff", Diff(environment=STAGING, other="nothing")),
    ]
    for verb, request in answers:
        document = msgspec.json.decode(msgspec.json.encode(world.ask(request)))
        if verb == "drop":
            place = {"drop": "s3://b/k#v", "bucket": "b", "key": "k", "version_id": "v"}
            document = {"answer": "dropped", **place, "outcome": None, "deployments": [document, followed()]}
        valid(verb, document)


def test_an_error_is_a_valid_document_of_every_verb() -> None:
    for verb in documents():
        valid(verb, usage("text", "advice").document)


def test_a_document_of_another_form_is_not_valid() -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid("status", {"answer": "environments", "environments": [{}], "configurations": []})
