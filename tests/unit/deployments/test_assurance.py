"""Wardrop never states that a deployment keeps the service up if it does not understand the files of the bundle."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.samples import NEW, OLD, WAR, archive, deployment_settings, queued, release, situation, version
from wardrop.deployments.replacement import BundleFiles, files_of
from wardrop.deployments.start import start
from wardrop.drops.bundle import inspect
from wardrop.errors import Rejected
from wardrop.guard.proposal import Proposal

LAUNCH = "aws:autoscaling:launchconfiguration"
SETTINGS = deployment_settings(
    policy="Rolling", batch="1", options={LAUNCH: {"MonitoringInterval": "5 minute", "InstanceType": "t3.small"}}
)
ASSURANCE = "keeps the service up"
Options = dict[tuple[str, str], Any]


def listed(options: Options) -> dict[str, Any]:
    return {"option_settings": [{"namespace": n, "option_name": o, "value": v} for (n, o), v in options.items()]}


def mapped(options: Options) -> dict[str, Any]:
    namespaces: dict[str, dict[str, Any]] = {}
    for (namespace, option), value in options.items():
        namespaces.setdefault(namespace, {})[option] = value
    return {"option_settings": namespaces}


def aliased(options: Options) -> bytes:
    """Every namespace is an alias of a mapping elsewhere in the file."""
    namespaces = mapped(options)["option_settings"]
    anchors = "".join(f"a{n}: &a{n} {json.dumps(named)}\n" for n, named in enumerate(namespaces.values()))
    uses = "".join(f"  {namespace}: *a{n}\n" for n, namespace in enumerate(namespaces))
    return f"{anchors}option_settings:\n{uses or '  {}'}".encode()


def merged(options: Options) -> bytes:
    document = json.dumps(mapped(options)["option_settings"])
    return f"base: &base {{option_settings: {document}}}\n<<: *base\n".encode()


def override(options: Options) -> bytes:
    """The same settings as properties of a resource of Beanstalk's own."""
    properties = {option: value for (_, option), value in options.items()}
    resources = {"AWSEBAutoScalingLaunchConfiguration": {"Properties": properties}} if properties else {}
    return json.dumps({"Resources": resources}).encode()


READABLE: dict[str, Callable[[Options], bytes]] = {
    "YAML": lambda options: yaml.safe_dump(mapped(options)).encode(),
    "YAML list": lambda options: yaml.safe_dump(listed(options)).encode(),
    "JSON": lambda options: json.dumps(listed(options)).encode(),
    "JSON with tabs": lambda options: json.dumps(mapped(options), indent="\t").encode(),
    "aliases": aliased,
    "merge keys": merged,
    "byte order mark": lambda options: b"\xef\xbb\xbf" + yaml.safe_dump(mapped(options)).encode(),
    "Latin-1": lambda options: b"# gr\xfc\xdfe\n" + yaml.safe_dump(listed(options)).encode(),
    "UTF-16": lambda options: yaml.safe_dump(mapped(options)).encode("utf-16"),
    "override": override,
}
UNREADABLE: dict[str, Callable[[Options], bytes]] = {
    "too large": lambda options: b"#" * 300_000 + b"\n" + yaml.safe_dump(mapped(options)).encode(),
    "too many": lambda options: json.dumps(mapped(options | {("aws:x", f"o{n}"): "1" for n in range(400)})).encode(),
    "two documents": lambda options: b"a: 1\n---\n" + yaml.safe_dump(mapped(options)).encode(),
    "too deep": lambda _: b'{"option_settings": ' + b"[" * 99 + b"]" * 99 + b"}",
    "explosion": lambda _: (
        b"a: &a {x: 1}\n"
        + b"".join(b"%c: &%c {x: *%c, y: *%c}\n" % (n + 1, n + 1, n, n) for n in b"abcdefghijklmno")
        + b"option_settings: {aws:x: *p}"
    ),
    "macro": lambda options: b"Transform: x\n" + yaml.safe_dump(mapped(options)).encode(),
    "broken": lambda options: yaml.safe_dump(mapped(options)).encode() + b"\n  a: b: c",
    "no mapping": lambda _: b"just text",
}

harmless = st.dictionaries(
    st.tuples(st.just("aws:autoscaling:asg"), st.sampled_from(["MinSize", "MaxSize", "Cooldown"])),
    st.sampled_from(["1", "2", "360"]),
    max_size=3,
)
replacing = st.dictionaries(
    st.tuples(st.just(LAUNCH), st.sampled_from(["InstanceType", "MonitoringInterval", "ImageId", "NobodyKnows"])),
    st.sampled_from(["m5.large", "1 minute", {"Ref": "X"}, ["a", "b"], None, True, 7]),
    min_size=1,
    max_size=3,
)
DIGITS = st.integers(0, 10**9)


def sentence(content: bytes) -> str:
    """The reason with which the deployment starts, or the reason for the rejection of the drop."""
    bundle = archive(WAR | {".ebextensions/a.config": content})
    try:
        read = inspect(io.BytesIO(bundle), "shop-2.0.war", len(bundle)).ebextensions
    except Rejected as rejected:
        return rejected.reason
    made = version(NEW, release=release(), settings=read.settings, resources=read.resources, unread=read.unread)
    files = BundleFiles(files_of(NEW, made), {OLD: Proposal()})
    step = start(situation(queued(), settings=SETTINGS, files=files))
    return step.reason


@pytest.mark.parametrize("form", [form for form in READABLE if form != "override"])
@settings(max_examples=10)
@given(options=harmless)
def test_settings_that_replace_nothing_are_an_assurance_in_every_form(form, options):
    assert ASSURANCE in sentence(READABLE[form](options))


@pytest.mark.parametrize("form", READABLE)
@settings(max_examples=25)
@given(options=replacing, others=harmless)
def test_a_replacement_is_never_hidden_by_the_form_of_the_file(form, options, others):
    assert ASSURANCE not in sentence(READABLE[form](others | options))


@pytest.mark.parametrize("form", UNREADABLE)
@settings(max_examples=10)
@given(options=harmless | replacing)
def test_no_deployment_whose_files_were_not_read_in_full_is_said_to_keep_the_service_up(form, options):
    assert ASSURANCE not in sentence(UNREADABLE[form](options))


@given(options=replacing, form=st.sampled_from([*READABLE]), cut=DIGITS, changed=DIGITS, byte=st.integers(0, 255))
def test_a_file_that_was_damaged_is_no_assurance_if_it_still_replaces_instances(options, form, cut, changed, byte):
    """PyYAML reads the same files. If it finds the namespace, the sentence must not give an assurance."""
    content = bytearray(READABLE[form](options))
    content[changed % len(content)] = byte
    damaged = bytes(content[: cut % len(content) + 1])
    try:
        loaded = yaml.safe_load(damaged)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        return
    settings = loaded.get("option_settings") if isinstance(loaded, dict) else None
    if isinstance(settings, dict) and isinstance(settings.get(LAUNCH), dict) and settings[LAUNCH]:
        assert ASSURANCE not in sentence(damaged)
