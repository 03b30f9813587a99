"""The values in a configuration file."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.bounded_yaml import NotSupported
from wardrop.drops.config_file import parse
from wardrop.drops.config_value import Scalar, Values, canonical

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=20,
)


def read(text: str):
    return Values().of(parse(f"v: {text}".encode()))["v"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "2"),
        ("1.50", "1.50"),
        ("010", "010"),
        ("true", "true"),
        ("yes", "true"),
        ("Off", "false"),
        ("'yes'", "yes"),
        ("!!str yes", "yes"),
        ("2026-11-28", "2026-11-28"),
        ("a b", "a b"),
        ("''", ""),
        ("~", None),
        ("", None),
    ],
)
def test_a_scalar_is_the_text_that_the_file_has(text, value):
    assert read(text).text == value


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("!Ref Topic", {"Ref": "Topic"}),
        ('!Sub "${AWS::StackName}-x"', {"Fn::Sub": "${AWS::StackName}-x"}),
        ("!GetAtt [A, Arn]", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!If [a, {b: !Ref c}, d]", {"Fn::If": ["a", {"b": {"Ref": "c"}}, "d"]}),
        ("!Condition c", {"Condition": "c"}),
    ],
)
def test_a_short_tag_is_the_function_of_cloudformation(text, document):
    assert json.loads(canonical(read(text))) == document


def test_merge_keys_are_followed_as_yaml_defines_them():
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\nd: {x: 4, <<: *b}\n"
    value = Values().of(parse(text.encode()))
    expected = yaml.safe_load(text)
    assert json.loads(canonical(value)) == expected
    assert expected["c"] == {"x": 3, "y": 1, "z": 2}


def test_of_equal_keys_the_last_one_counts():
    assert read("{x: 1, x: 2}") == {"x": Scalar("2", is_text=False)}


def test_a_key_in_quotes_that_looks_like_a_merge_is_a_key():
    assert read("{'<<': {a: b}}") == {"<<": {"a": Scalar("b")}}


@pytest.mark.parametrize("text", ["{<<: 5}", "{<<: [5]}", "{? [a] : b}"])
def test_mappings_that_are_not_plain_are_not_supported(text):
    with pytest.raises(NotSupported):
        read(text)


@given(documents)
def test_a_document_keeps_its_content_as_yaml_and_as_json(document):
    text = json.dumps({"v": document})
    as_yaml, as_json = (Values().of(parse(content.encode())) for content in (text, f"\t{text}"))
    assert json.loads(canonical(as_yaml)) == json.loads(canonical(as_json)) == {"v": document}


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=5))
def test_equal_mappings_have_equal_texts_in_any_order(mapping):
    backwards = dict(reversed(mapping.items()))
    first, second = (canonical(Values().of(parse(json.dumps(each).encode()))) for each in (mapping, backwards))
    assert first == second
