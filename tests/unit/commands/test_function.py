"""The function RunCommand: its answer to each event."""

import importlib
import json
from typing import Any

import pytest

from tests.unit.commands.world import CommandWorld
from tests.unit.samples import event_files
from wardrop.commands.answers import Answer

FILES = event_files("run_command")
app: Any = importlib.import_module("functions.run_command.app")


@pytest.mark.parametrize("name", FILES)
def test_every_event_file_is_answered_as_its_name_says(name):
    answer = app.respond(FILES[name], CommandWorld().run)
    assert answer["statusCode"] == int(name.rpartition("_")[2])
    body = json.loads(answer["body"])
    assert (body["answer"] == "refusal") == (answer["statusCode"] != 200)
    assert answer["statusCode"] == 200 or (body["code"] and body["reason"] and body["advice"])


@pytest.mark.parametrize(("name", "may_have_changed"), [("status_200", False), ("deploy_200", True)])
def test_the_answer_to_an_internal_error_says_whether_something_may_have_changed(name, may_have_changed):
    def broken(*_: object) -> Answer:
        raise RuntimeError("the secret is 42")

    answer = app.respond(FILES[name], broken)
    assert answer["statusCode"] == 500
    assert "42" not in answer["body"]
    assert ("possibly after the change was written" in answer["body"]) == may_have_changed
