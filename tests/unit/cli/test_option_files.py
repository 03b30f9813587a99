"""Option settings in JSON files."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure
from wardrop_cli.option_files import settings_in

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["option_settings", "Namespace", "OptionName", "Value", "x"]), inner)
    ),
    max_leaves=8,
)
SIZE = "aws:autoscaling:asg:MaxSize=8"


@pytest.mark.parametrize(
    "document",
    [
        [{"Namespace": "aws:autoscaling:asg", "OptionName": "MaxSize", "Value": "8"}],
        {"option_settings": [{"namespace": "aws:autoscaling:asg", "option_name": "MaxSize", "value": 8}]},
        {"option_settings": {"aws:autoscaling:asg": {"MaxSize": 8}}},
    ],
)
def test_the_forms_of_aws_cli_and_of_ebextensions_are_read(document: Any) -> None:
    assert settings_in(json.dumps(document).encode(), "options.json") == [SIZE]


def test_a_truth_value_is_written_as_beanstalk_writes_it() -> None:
    content = json.dumps({"option_settings": {"aws:autoscaling:asg": {"EnableCapacityRebalancing": True}}})
    assert settings_in(content.encode(), "x") == ["aws:autoscaling:asg:EnableCapacityRebalancing=true"]


@pytest.mark.parametrize(
    "content",
    [
        b"option_settings:\n  a: b\n",
        b"\xff",
        b"{}",
        b"[]",
        b'[{"Namespace": "a"}]',
        b'[{"Namespace": "a", "OptionName": "b", "Value": {"Ref": "c"}}]',
        b'[{"Namespace": "a", "OptionName": "b", "Value": "c", "ResourceName": "d"}]',
    ],
)
def test_another_content_is_refused_with_the_name_of_the_file(content: bytes) -> None:
    with pytest.raises(Failure, match=r"options\.json") as caught:
        settings_in(content, "options.json")
    assert caught.value.exit_code is ExitCode.USAGE


@given(JSON)
def test_no_setting_of_a_file_is_left_out_silently(document: Any) -> None:
    try:
        settings = settings_in(json.dumps(document).encode(), "x")
    except Failure:
        return
    assert settings
    assert all("=" in setting for setting in settings)
