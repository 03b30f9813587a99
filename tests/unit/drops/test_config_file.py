"""The two parsers that Beanstalk tries."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.bounded_yaml import NotSupported
from wardrop.drops.config_file import NotParsed, parse
from wardrop.drops.config_settings import sections, settings_of
from wardrop.drops.config_value import Values

OPTION = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    InstanceType: m5.large\n"
TABBED = """{
\t"option_settings": [
\t\t{"namespace": "aws:autoscaling:launchconfiguration", "option_name": "InstanceType", "value": "m5.large"}
\t]
}
"""


def values(content: bytes) -> list[str | None]:
    read = sections(parse(content), Values())
    return [setting.value for setting in settings_of(read.get("option_settings"), "f")]


def problem(content: bytes) -> str:
    with pytest.raises(NotParsed) as caught:
        parse(content)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        OPTION.encode(),
        b"\xef\xbb\xbf" + OPTION.encode(),
        OPTION.encode("utf-16"),
        b"\xff\xfe" + OPTION.encode("utf-16-le"),
        OPTION.replace("\n", "\r\n").encode(),
        b"# Gr\xf6\xdfe der Instanz\n" + OPTION.encode(),
        b"%YAML 1.1\n---\n" + OPTION.encode() + b"...\n",
        b"x: &x 1\ny: &x 2\n" + OPTION.encode(),
        TABBED.encode(),
        TABBED.replace('"}', '",}').replace("]", ",]").encode(),
        b"\xef\xbb\xbf" + TABBED.encode(),
        b'{\t"files": {"a": "b\tc\nd"},' + TABBED.encode().lstrip(b"{"),
    ],
)
def test_what_beanstalk_reads_is_read(content):
    assert values(content) == ["m5.large"]


@pytest.mark.parametrize("content", [b"", b"\n", b"# nothing\n", b"--- \n", b"~", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_settings(content):
    assert values(content) == []


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (
            "option_settings:\n   aws:elasticbeanstalk:cloudwatch:logs\n      StreamLogs: true\n",
            "mapping values are not allowed here in line 3, column 17",
        ),
        ('{\n\t"a": 1\n\t"b": 2\n}', "Expecting ',' delimiter in line 3, column 2"),
        ('{\t"a": [}', "Expecting value in line 1, column 9"),
        ("a: 1\nb:\t2\n", r"found character '\t' that cannot start any token in line 2, column 3"),
        ("a: 1\nb: x\x00y\n", "special characters are not allowed in line 2, column 5"),
        ("a: *missing", "found undefined alias in line 1, column 4"),
        ('{\t"a": 1} trailing', "Extra data in line 1, column 11"),
    ],
)
def test_what_neither_parser_reads_is_refused_with_line_and_column(content, where):
    assert problem(content.encode()) == where


def test_tabbed_json_that_is_nested_too_deep_is_not_supported():
    with pytest.raises(NotSupported):
        values(b'{\t"option_settings": ' + b"[" * 60 + b"]" * 60 + b"}")


def test_json_with_many_quotes_and_commas_is_read_in_time():
    with pytest.raises(NotParsed):
        parse(b'{\t"' + b'\\"' * 100_000)
    with pytest.raises(NotParsed):
        parse(b"{\t" + b", " * 100_000)


@given(st.binary(max_size=200) | st.text(alphabet="ab:{}[],&*<\n\t !\"'|>-#%@", max_size=60).map(str.encode))
def test_every_text_is_parsed_or_refused_with_a_sentence(content):
    sentence = "line"
    try:
        parse(content)
    except NotParsed as error:
        sentence = str(error)
    except NotSupported as error:
        sentence = f"not a line: {error}"
    assert "line" in sentence


NAMES = st.text(max_size=9).filter(str.isprintable)


@given(st.dictionaries(NAMES, st.text(max_size=9) | st.integers() | st.booleans(), max_size=5))
def test_tabs_and_extra_commas_do_not_change_what_json_means(options):
    plain = json.dumps({"option_settings": {"aws:autoscaling:asg": options}})
    spoiled = plain.replace('{"option_settings"', '{\t"option_settings"').removesuffix("}") + ",\t}"
    assert values(spoiled.encode()) == values(plain.encode())


def test_an_escape_sequence_beyond_unicode_is_not_supported():
    with pytest.raises(NotSupported):
        parse(b'a: "\\U99999999"')
