"""The command line, as SAM itself reads it."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.sam import Target, deploy_command, quoted

APPLICATIONS = st.text("abc XYZ019\"'_.,+()[]*-", min_size=1, max_size=40)


@cache
def read(*arguments: str) -> dict:
    from samcli.commands.deploy.command import cli

    return cli.make_context("deploy", list(arguments)).params


def parsed(values: dict[str, str], *, asks: bool = False) -> dict:
    sam, verb, *arguments = deploy_command("sam", Target("wardrop-prod", "eu-central-1", asks), values)
    assert (sam, verb) == ("sam", "deploy")
    return read(*arguments)


def test_sam_reads_the_stack_and_deploys_an_unchanged_one_without_an_error():
    params = parsed({"AlertEmail": ""})
    assert params["stack_name"] == "wardrop-prod"
    assert params["capabilities"] == ("CAPABILITY_IAM",)
    assert (params["guided"], params["resolve_s3"], params["fail_on_empty_changeset"]) == (False, True, False)


@pytest.mark.parametrize("asks", [True, False])
def test_a_person_confirms_the_changes_and_a_pipeline_does_not(asks):
    assert parsed({"AlertEmail": ""}, asks=asks)["confirm_changeset"] is asks


@given(APPLICATIONS)
def test_sam_reads_each_value_as_it_was_chosen(applications):
    from samcli.cli.types import CfnParameterOverridesType

    given_words = [f"Applications={quoted(applications)}", f"AlertEmail={quoted('')}"]
    read_values = CfnParameterOverridesType().convert(given_words, None, None)
    assert read_values == {"Applications": applications, "AlertEmail": ""}
