"""The documents point to files and functions that exist, and their blocks are right."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import botocore.session
import pytest
import yaml
from botocore import xform_name

from tests.command_lines import check_wardrop
from tests.documents import DOCUMENTS, Block, commands, every_block
from tests.unit.samples import ROOT
from wardrop.alerts.kinds import Kind
from wardrop.commands.answers import Refusal
from wardrop.commands.requests import parse as parse_request
from wardrop.configuration.schema import parse as parse_configuration
from wardrop_cli.app import VERBS
from wardrop_cli.exit_codes import ExitCode

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)(?: `(\w+)`)?")
ANCHOR = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
GENERATED = {"every-alert.md", "ledger.md"}
"""Tests compare these documents with what a program writes."""

BLOCKS = [block for block in every_block() if block.document not in GENERATED]
HIGH_LEVEL = {("s3", "cp"), ("s3", "rb"), ("cloudformation", "deploy")}
"""The commands of the AWS CLI that are no operations of an API."""

RENAMED = {"--notification-endpoint": "--endpoint"}
"""Options of the AWS CLI that do not have the names of the API's parameters."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_to_the_function_named_beside_it(document: Path):
    for target, name in LINK.findall(document.read_text()):
        path = document.parent / target
        assert path.exists(), f"{document.name} links to {target}, which does not exist"
        if name and path.suffix == ".py":
            assert re.search(rf"^(?:def|class) {name}\b", path.read_text(), re.MULTILINE), f"{target} has no {name}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_heading_leads_to_a_heading(document: Path):
    for target, anchor in ANCHOR.findall(document.read_text()):
        path = document.parent / target if target else document
        if path.suffix == ".md":
            assert anchor in anchors(path), f"{document.name} links to {target}#{anchor}, which does not exist"


@cache
def anchors(path: Path) -> set[str]:
    """As GitHub makes them from the headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def of(*languages: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", [each for each in BLOCKS if each.language in languages], ids=str)


TEXTS = {
    ("architecture.md", "Architecture"),
    ("evidence.md", "The deployment log"),
    ("operations.md", "The dashboard and the log"),
}
"""Blocks that are neither commands nor documents of a known form: a diagram, the address of a log, and a query."""


def test_a_test_knows_every_block():
    tested = {"console", "groovy", "json", "kotlin", "mermaid", "python", "sh", "sh run", "xml", "yaml"}
    unknown = [
        f"{block} {block.language}"
        for block in BLOCKS
        if block.language not in tested and not (block.language == "text" and (block.document, block.heading) in TEXTS)
    ]
    assert unknown == []


@of("sh", "sh run")
def test_a_shell_block_is_valid_and_each_of_its_commands_exists(block: Block):
    checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    for words in commands(block.text):
        check_command(words)


@of("console")
def test_a_session_contains_commands_that_exist(block: Block):
    lines = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
    assert lines
    for line in lines:
        for words in commands(line):
            check_command(words)


def check_command(words: list[str]) -> None:
    match words:
        case ["wardrop", *arguments]:
            check_wardrop(arguments)
        case ["make", *arguments]:
            targets = [word for word in arguments if "=" not in word]
            assert set(targets) <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        case ["aws", service, operation, *options]:
            check_aws(service, operation, [word for word in options if word.startswith("--")])
        case ["curl", *arguments]:
            check_curl(arguments)
        case _:
            assert words[0] in {"cd", "echo", "exit", "export", "git", "gradle", "jq", "mvn", "pipx", "sam"}, words


def check_aws(service: str, operation: str, options: list[str]) -> None:
    if (service, operation) in HIGH_LEVEL:
        return
    name = {"s3api": "s3"}.get(service, service)
    model = botocore.session.get_session().get_service_model(name)
    [shape] = [model.operation_model(each) for each in model.operation_names if xform_name(each, "-") == operation]
    members = shape.input_shape.members if shape.input_shape else {}
    own = {"--query", "--output", "--region", "--profile"}
    assert {RENAMED.get(each, each) for each in options} <= own | {f"--{xform_name(each, '-')}" for each in members}


def check_curl(arguments: list[str]) -> None:
    """A request to the stand-in's control API, to a website on the stand-in, or to RunCommand."""
    for word in arguments:
        if path := re.match(r"localhost:4567/(\w+)", word):
            assert re.search(rf'"/?{path[1]}\b', (ROOT / "local/standin.py").read_text()), word
        if word.startswith('{"command"'):
            assert not isinstance(parse_request(word.encode()), Refusal), word


MENTION = re.compile(r"`(wardrop (?!VERB)[a-z]+ (?!(?:check|push|show|forget)`)[^`]+)`")
"""A command with arguments. The name of a verb, such as `wardrop plan`, is no command."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_text_mentions_exists_with_its_options(document: Path):
    for mention in MENTION.findall(document.read_text()):
        for words in commands(mention):
            check_command(words)


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if (kind.traits.next_step or "").startswith(("wardrop", "aws"))]
)
def test_the_command_in_the_next_step_of_an_alert_exists(kind: Kind):
    step = str(kind.traits.next_step).format(environment="shop-prod", application="shop", label="shop-42")
    for words in commands(step):
        check_command(words)


def test_every_verb_has_a_row_in_the_table_of_the_command():
    table = (ROOT / "docs/command-line.md").read_text()
    rows = set(re.findall(r"^\| .+ \| `wardrop (\w+( (?:show|check|push|forget))?)[^`]*` \|$", table, re.MULTILINE))
    assert set(VERBS) <= {verb.split()[0] for verb, _ in rows}


def test_the_exit_codes_in_the_documents_are_those_of_the_command():
    assert codes_in("ci.md") <= set(ExitCode)
    assert set(ExitCode) <= codes_in("command-line.md")


def codes_in(document: str) -> set[int]:
    text = (ROOT / "docs" / document).read_text()
    return {int(code) for code in re.findall(r"^\| (\d+) \| ", text, re.MULTILINE)}


@of("json")
def test_a_json_block_is_one_document(block: Block):
    json.loads(block.text)


@of("yaml")
def test_a_yaml_block_is_a_configuration_or_belongs_to_ci(block: Block):
    if block.document == "ci.md":
        assert yaml.safe_load(block.text)
    else:
        parse_configuration(block.text)


@of("python")
def test_a_python_block_compiles(block: Block):
    compile(block.text, str(block), "exec")
