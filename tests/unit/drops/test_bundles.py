"""Each bundle of `tests/bundles` is accepted or rejected as recorded."""

import pytest

from tests.bundles.bundle import Bundle
from tests.bundles.every import every_bundle
from tests.unit.drops.samples import read, refusal
from wardrop.foreign_text import for_tag

BUNDLES = every_bundle()
NOT_DETECTED = {"local-name-1.war"}
"""Bundles that Wardrop accepts although `unzip` fails on them."""


@pytest.mark.parametrize("bundle", [each for each in BUNDLES if each.reason], ids=lambda bundle: bundle.file)
def test_a_bundle_that_an_instance_cannot_take_is_rejected_with_the_cause_and_what_to_do(bundle: Bundle):
    reason = refusal(bundle.content, bundle.file)
    assert bundle.reason in reason
    assert reason.startswith(bundle.file)


@pytest.mark.parametrize("bundle", [each for each in BUNDLES if not each.reason], ids=lambda bundle: bundle.file)
def test_a_bundle_that_an_instance_takes_is_accepted(bundle: Bundle):
    read(bundle.content, bundle.file)


def test_no_war_or_zip_is_accepted_that_unzip_fails_on():
    accepted = [each for each in BUNDLES if not each.reason and not each.file.endswith(".jar")]
    assert {each.file for each in accepted if each.exit_code} == NOT_DETECTED


@pytest.mark.parametrize("bundle", [each for each in BUNDLES if each.reason], ids=lambda bundle: bundle.file)
def test_the_tag_holds_the_cause(bundle: Bundle):
    assert for_tag(bundle.reason) in for_tag(refusal(bundle.content, bundle.file))
