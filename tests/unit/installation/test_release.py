"""The upgrades for which Lambda publishes new versions of the functions."""

from pathlib import Path

import pytest

from installation.release import NothingToStamp, stamp
from local.aws.template import Resolver
from tests import gate

TEMPLATE = "A: {}\n  AutoPublishCodeSha256: unbuilt\n  B: 1\n  AutoPublishCodeSha256: unbuilt\n"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "WardropLayer/python").mkdir(parents=True)
    (tmp_path / "WardropLayer/python/errors.py").write_text("first")
    return tmp_path


def test_every_function_gets_the_digest(build):
    digest = stamp(build, {})
    assert (build / "template.yaml").read_text() == TEMPLATE.replace("unbuilt", digest)


def test_the_same_build_and_parameters_publish_nothing_however_often_they_are_stamped(build):
    first = stamp(build, {"SettleSeconds": "180"})
    (build / "WardropLayer/python/__pycache__").mkdir()
    (build / "WardropLayer/python/__pycache__/errors.pyc").write_text("compiled")
    assert stamp(build, {"SettleSeconds": "180"}) == first


def test_a_change_of_a_layer_publishes_new_versions_of_all_functions(build):
    first = stamp(build, {})
    (build / "WardropLayer/python/errors.py").write_text("second")
    assert stamp(build, {}) != first


def test_a_change_of_a_parameter_publishes_new_versions(build):
    assert stamp(build, {"SettleSeconds": "180"}) != stamp(build, {"SettleSeconds": "60"})


def test_a_change_of_the_template_publishes_new_versions(build):
    first = stamp(build, {})
    (build / "template.yaml").write_text(TEMPLATE.replace("B: 1", "B: 2"))
    assert stamp(build, {}) != first


def test_a_template_without_a_place_for_the_digest_is_an_error(build):
    (build / "template.yaml").write_text("A: {}\n")
    with pytest.raises(NothingToStamp):
        stamp(build, {})


def test_sam_publishes_a_version_exactly_if_the_digest_changes():
    text = gate.TEMPLATE.read_text()

    def versions(digest: str) -> set[str]:
        resources = gate.expand(text.replace("unbuilt", digest))["Resources"]
        return {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"}

    assert len(versions("b1")) == text.count("AWS::Serverless::Function")
    assert versions("b1") == versions("b1")
    assert not versions("b1") & versions("b2")


LONGEST_VALUES = {
    "Applications": "a" * 100,
    "DropPrefix": "a" * 99 + "/",
    "SettleSeconds": "900",
    "SlackChannel": "#" + "a" * 80,
    "SlackSecretArn": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{'a' * 128}-AbCdEf",
}


def test_the_description_of_a_version_is_short_enough_whatever_the_parameters_are():
    template = gate.expand(gate.TEMPLATE.read_text())
    resolve = Resolver(template, LONGEST_VALUES, lambda name: name, lambda *_: "")
    versions = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::Version"]
    assert max(len(resolve(one.get("Description", ""))) for one in versions) <= 256


def test_descriptions_have_room_for_the_digest():
    resources = gate.expand(gate.TEMPLATE.read_text())["Resources"].values()
    descriptions = [one["Properties"]["Description"] for one in resources if one["Type"] == "AWS::Lambda::Function"]
    assert max(map(len, descriptions)) <= 240
