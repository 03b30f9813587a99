"""docs/configuration.md lists every field with its default and an example."""

import re
from datetime import timedelta
from enum import Enum
from typing import Any

import msgspec
import pytest

from tests.unit.samples import ROOT
from wardrop.configuration.rules import EnvironmentConfiguration
from wardrop.configuration.schema import Configuration, SlackConfiguration, VersionsConfiguration, parse

DOCUMENT = (ROOT / "docs/configuration.md").read_text("utf-8")
IN_WORDS = {
    None: {"none", "the stack's channel", "computed from policy, batches and command timeout"},
    (): {"none"},
}
"""The words in docs/configuration.md for defaults that YAML cannot express, or that depend on other values."""

DEPENDS = {
    "approval": "`none` in the first stage, `required` in the others",
    "approvers": "the application's `approvers`",
    "operators": "the application's `operators`",
    "viewers": "the application's `viewers`",
}


def rows(heading: str) -> dict[str, tuple[str, str]]:
    """By field, the default and the example."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\| `([\w.]+)` \| (.*?) \| `(.*?)` \| .+ \|$", section, re.MULTILINE)
    return {field: (default, example) for field, default, example in found}


OF_ENVIRONMENTS = rows("Fields of an environment")
OF_APPLICATIONS = rows("Fields of the application")


def defaults(kind: type[msgspec.Struct], prefix: str = "") -> dict[str, Any]:
    return {
        f"{prefix}{field.encode_name}": field.default_factory()
        if field.default_factory is not msgspec.NODEFAULT
        else field.default
        for field in msgspec.structs.fields(kind)
    }


def test_every_field_of_an_environment_is_documented():
    assert set(OF_ENVIRONMENTS) == set(defaults(EnvironmentConfiguration))


def test_every_field_of_an_application_is_documented():
    of_parts = defaults(VersionsConfiguration, "versions.") | defaults(SlackConfiguration, "slack.")
    assert set(OF_APPLICATIONS) == set(defaults(Configuration)) | set(of_parts)


@pytest.mark.parametrize(("field", "value"), [*defaults(EnvironmentConfiguration).items()])
def test_the_documented_default_of_an_environment_is_the_default(field, value):
    stated = OF_ENVIRONMENTS[field][0]
    if field == "name":
        assert stated == "required"
    else:
        assert stated == DEPENDS.get(field) or states(stated, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(defaults(VersionsConfiguration, "versions.") | defaults(SlackConfiguration, "slack.")).items(),
        *((name, []) for name in ("approvers", "operators", "viewers", "environments")),
    ],
)
def test_the_documented_default_of_an_application_is_the_default(field, value):
    assert states(OF_APPLICATIONS[field][0], value)


def states(stated: str, value: Any) -> bool:
    if value is None or value == () or value == []:
        return stated in IN_WORDS[None] | IN_WORDS[()] | {"`[]`"}
    if isinstance(value, timedelta):
        return parsed_duration(stated.strip("`")) == value
    if isinstance(value, tuple):
        return stated == f"`[{', '.join(map(text_of, value))}]`"
    return stated == f"`{text_of(value)}`"


def text_of(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def parsed_duration(text: str) -> timedelta:
    return parse(f"environments: [{{name: shop-prod, bake: {text}}}]").environment("shop-prod").bake


@pytest.mark.parametrize("field", OF_ENVIRONMENTS)
def test_the_example_of_a_field_of_an_environment_is_accepted_and_is_not_the_default(field):
    example = OF_ENVIRONMENTS[field][1]
    assert example.startswith(f"{field}:")
    separate = "" if field == "name" else "name: shop-prod, "
    entry = parse(f"environments: [{{{separate}{example}}}]").environment("shop-prod")
    if field != "name":
        assert getattr(entry, field) != defaults(EnvironmentConfiguration)[field]


@pytest.mark.parametrize("field", OF_APPLICATIONS)
def test_the_example_of_a_field_of_an_application_is_accepted_and_is_not_the_default(field):
    part, _, name = field.partition(".")
    document = getattr(parse(OF_APPLICATIONS[field][1]), part)
    assert document != getattr(Configuration(), part)
    if name:
        assert getattr(document, name) != getattr(getattr(Configuration(), part), name)
