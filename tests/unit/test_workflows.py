"""The workflows on GitHub: their permissions, and the code that they run."""

import re
from typing import Any

import pytest
import yaml

from tests.unit.samples import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def jobs(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return list(workflow["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_its_tag_is_named(path):
    uses = re.findall(r"uses: *(.*)", path.read_text())
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_the_release_may_prove_who_it_is(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    granted = {right for job in jobs(workflow) for right in job.get("permissions", {}).items()}
    allowed = {("contents", "read"), ("id-token", "write")} if path.stem == "release" else set()
    assert granted == allowed


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_end_and_keep_no_credentials_in_the_checkout(path):
    for job in jobs(yaml.safe_load(path.read_text())):
        assert job["timeout-minutes"] <= 60
        checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
        assert [step["with"]["persist-credentials"] for step in checkouts] == [False]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_value_of_an_event_never_becomes_part_of_a_script(path):
    for job in jobs(yaml.safe_load(path.read_text())):
        assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_the_same_checks_as_any_machine_and_the_audit(path):
    workflow = yaml.safe_load(path.read_text())
    commands = [step.get("run") for job in jobs(workflow) for step in job["steps"]]
    assert {".ci/run", "make audit"} <= set(commands)
