"""All files of `.ebextensions` in a bundle, and their bounds."""

import json
import zipfile
from itertools import pairwise

import msgspec
import pytest

from tests.unit.drops.samples import CENTRAL, LOCAL, config, of_files, read, refusal, with_field
from tests.unit.samples import WAR, archive

EXPANDED = ".ebextensions/a.config: its aliases expand to more than 20000 values"


@pytest.mark.parametrize(
    "text",
    [
        b"PASSWORD: @hunter2",
        b"PASSWORD: hunter2: x",
        b"a: `hunter2",
        b"a: 'hunter2",
        b"a: *hunter2",
        b"a: !hunter2!x 1",
    ],
)
def test_a_file_that_neither_parser_reads_rejects_the_drop_without_its_text(text):
    reason = refusal(archive(WAR | {".ebextensions/a.config": text}))
    assert reason.startswith(".ebextensions/a.config is neither YAML nor JSON: ")
    assert "line 1, column" in reason or "line 2, column" in reason
    assert "correct the file and drop the bundle again" in reason
    assert "hunter2" not in reason


def test_merge_keys_that_double_a_mapping_are_not_expanded():
    lines = ["a0: &a0 {k: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 21))]
    lines.append("option_settings: {aws:autoscaling:asg: *a20}")
    assert config("\n".join(lines).encode()).unread == [EXPANDED]


def test_aliases_that_explode_are_not_expanded():
    lines = ["a: &a {x: 1, y: 2}", *(f"{c}: &{c} {{x: *{b}, y: *{b}}}" for b, c in pairwise("abcdefghijklmnop"))]
    lines.append("option_settings: {aws:autoscaling:launchconfiguration: {BlockDeviceMappings: *p}}")
    assert config("\n".join(lines).encode()).unread == [EXPANDED]


def test_a_mapping_that_many_aliases_name_is_counted_each_time():
    options = "".join(f"  O{n}: {n}\n" for n in range(5000))
    aliases = "".join(f"  aws:x:y{n}: *a\n" for n in range(50))
    assert config(f"a: &a\n{options}option_settings:\n{aliases}".encode()).unread == [EXPANDED]


def test_an_alias_bomb_outside_of_the_settings_costs_nothing():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(5)
    )
    inspected = config(f"{bomb}option_settings: {{aws:autoscaling:asg: {{MinSize: 2}}}}".encode())
    assert ([setting.value for setting in inspected.settings], inspected.unread) == (["2"], [])


def test_more_aliases_than_snakeyaml_accepts_are_not_read():
    assert config(b"a: &a x\nb: [" + b"*a, " * 51 + b"]").unread == [".ebextensions/a.config: more than 50 aliases"]


@pytest.mark.parametrize("nested", [b"[" * 600, b"{a: " * 600, b"- " * 600])
def test_deep_nesting_is_not_read(nested):
    assert config(nested).unread == [".ebextensions/a.config: nested deeper than 50 levels"]


def test_all_files_together_are_bounded():
    half = b"#" * 150_000
    inspected = of_files({".ebextensions/a.config": half, ".ebextensions/b.config": half})
    assert inspected.unread == [".ebextensions/b.config: larger than 109 KB, so Wardrop did not read it"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"just text", "not a mapping"),
        (b"[1, 2]", "not a mapping"),
        (b"Option_settings: {aws:x: {y: 1}}", "a section that is spelled in this way"),
        (b'{"OptionSettings": {"aws:x": {"y": 1}}}', "a section that is spelled in this way"),
        (b'{\n\t"option-settings": {"aws:x": {"y": 1}}}', "a section that is spelled in this way"),
        (b"resources: {AWSEBAutoScalingGroup: {}}", "a section that is spelled in this way"),
        ("option_settings:\n\u00a0aws:x:\n    y: 1".encode(), "a section that is spelled in this way"),
        (b"a: 1\n---\noption_settings: {aws:x: {y: 1}}", "more than one YAML document"),
        (b"Resources: [AWSEBAutoScalingGroup]", "Resources is not a mapping"),
        (b"Resources: {AWSEBAutoScalingGroup: 1}", "a resource is not a mapping"),
        (b"option_settings: text", "neither a list nor a mapping"),
        (b"option_settings: {aws:x: 5}", "a namespace of option_settings is not a mapping"),
        (b"option_settings: [5]", "has no option_name"),
        (b"option_settings: [{value: 5}]", "has no option_name"),
        (b"option_settings: {aws:x: {" + b"o" * 300 + b": 1}}", "an option of more than 256 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_listed_with_the_reason_and_the_drop_is_not_rejected(content, why):
    [unread] = config(content).unread
    assert unread.startswith(".ebextensions/a.config: ")
    assert why in unread


def test_a_file_that_is_not_read_does_not_hide_the_others():
    option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
    inspected = of_files({".ebextensions/a.config": b"[]", ".ebextensions/b.config": option})
    assert len(inspected.unread) == len(inspected.settings) == 1


def test_a_large_file_is_not_read():
    assert config(b"#" * 262_145).unread == [".ebextensions/a.config: larger than 256 KB, so Wardrop did not read it"]


def test_a_file_is_not_unpacked_beyond_the_limit_whatever_size_it_declares():
    made = archive(WAR | {".ebextensions/a.config": b"#" * 2**24})
    claims_little = with_field(with_field(made, CENTRAL, 24, "<L", 9), LOCAL, 22, "<L", 9)
    assert len(read(claims_little).ebextensions.unread) == 1


def test_a_member_of_many_bytes_that_unpack_to_none_is_not_even_fetched():
    made = archive(WAR | {".ebextensions/a.config": b"#"})
    inspected = read(with_field(made, CENTRAL, 20, "<L", 2**28)).ebextensions
    assert inspected.unread == [".ebextensions/a.config: larger than 256 KB, so Wardrop did not read it"]


def test_a_compression_method_without_bounds_is_not_unpacked():
    [unread] = config(b"#" * 1000, compression=zipfile.ZIP_BZIP2).unread
    assert "method" in unread


def test_only_config_files_directly_in_ebextensions_are_read():
    option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
    names = [
        ".ebextensions/a/b.config",
        ".ebextensions/a.yaml",
        ".ebextensions/.config",
    ]
    inspected = of_files(dict.fromkeys(names, option))
    assert inspected.settings == []
    assert inspected.unread == []


def test_a_file_with_a_very_long_name_is_not_read():
    assert "a name of more than 256 bytes" in config(b"", f".ebextensions/{'a' * 248}.config").unread[0]


def test_the_contents_of_every_bundle_fit_an_item_of_dynamodb():
    options = {"\U0001f600" * 64: {f"{n:04}" + "\uac00" * 84: "\uac00" * 85 for n in range(320)}}
    files = {f".ebextensions/{n:04}" + "\uac00" * 74 + ".config": b"text" for n in range(49)}
    files[f".ebextensions/{'a' * 235}.config"] = json.dumps({"option_settings": options}, ensure_ascii=False).encode()
    inspected = of_files(files)
    assert len(inspected.settings) > 200
    assert "settings: more than Wardrop records" in inspected.unread[-1]
    assert len(msgspec.json.encode(inspected)) < 300_000


def test_settings_are_in_the_order_in_which_beanstalk_applies_the_files():
    option = "option_settings:\n  aws:autoscaling:asg:\n    MinSize: {}\n"
    files = {f".ebextensions/{n}.config": option.format(n).encode() for n in (3, 1, 2)}
    assert [setting.value for setting in of_files(files).settings] == ["1", "2", "3"]


def test_files_beyond_the_limit_are_listed_as_unread():
    files = {f".ebextensions/{n:03}.config": b"" for n in range(53)}
    assert of_files(files).unread == ["3 of 53 files: Wardrop reads at most 50"]


def test_settings_beyond_the_limit_are_listed_as_unread():
    options = "".join(f"    O{n}: {n}\n" for n in range(305))
    inspected = config(f"option_settings:\n  aws:x:y:\n{options}".encode())
    assert len(inspected.settings) == 300
    assert inspected.unread == ["5 of 305 settings: more than Wardrop records"]


OPTION = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    InstanceType: {}\n"


def test_files_in_every_folder_ebextensions_are_read():
    inspected = of_files({"WEB-INF/classes/.ebextensions/a.config": OPTION.format("m5.large").encode()})
    assert [(setting.option, setting.value) for setting in inspected.settings] == [("InstanceType", "m5.large")]
    assert inspected.unread == []


def test_an_option_that_files_in_two_folders_set_differently_is_listed_as_unread():
    values = {".ebextensions": "m5.large", "x/.ebextensions": "t3.micro"}
    files = {f"{folder}/a.config": OPTION.format(value).encode() for folder, value in values.items()}
    [unread] = of_files(files).unread
    assert unread.startswith("aws:autoscaling:launchconfiguration:InstanceType: several files set it, and AWS")
    assert of_files(dict.fromkeys(files, OPTION.format("m5.large").encode())).unread == []


def test_a_resource_that_files_in_two_folders_override_differently_is_listed_as_unread():
    override = "Resources: {{AWSEBAutoScalingGroup: {{Properties: {{MinSize: {}}}}}}}"
    files = {f"{folder}.ebextensions/a.config": override.format(len(folder)).encode() for folder in ("", "x/")}
    [unread] = of_files(files).unread
    assert unread.startswith("AWSEBAutoScalingGroup: several files set it, and AWS")


def test_an_option_that_files_with_names_in_upper_and_lower_case_set_differently_is_listed_as_unread():
    values = {"Z": "m5.large", "b": "t3.micro"}
    files = {f".ebextensions/{name}.config": OPTION.format(value).encode() for name, value in values.items()}
    assert "InstanceType: several files set it, and AWS" in of_files(files).unread[0]
    files = {file.casefold(): content for file, content in files.items()}
    assert of_files(files).unread == []


def test_a_nested_file_that_neither_parser_reads_does_not_reject_the_drop():
    [unread] = of_files({"x/.ebextensions/a.config": b"a: @hunter2"}).unread
    assert unread.startswith("x/.ebextensions/a.config: neither YAML nor JSON, ")
    assert "hunter2" not in unread


def test_a_file_whose_name_differs_from_a_configuration_file_in_its_case_is_listed_as_unread():
    [unread] = of_files({".ebextensions/a.CONFIG": b""}).unread
    assert unread == ".ebextensions/a.CONFIG: AWS does not document whether Beanstalk reads a file with this spelling"
