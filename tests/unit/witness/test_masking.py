"""No recording contains an account, a name, an id or an address, and equal values have equal masks."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.witness import masking, recording
from tests.witness.report import RECORDINGS

RUN, ACCOUNT, CALLER = "wardrop-witness-0a1b2c", "210987654321", "arn:aws:sts::210987654321:assumed-role/Admin/jane"
NAMES = {RUN: "witness", ACCOUNT: "ACCOUNT"}
HEX = st.text("0123456789abcdef", min_size=17, max_size=17)
SECRETS = st.one_of(
    st.just(RUN),
    st.just(RUN.upper()),
    st.just(ACCOUNT),
    st.just(CALLER),
    st.uuids().map(str),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4).map(lambda address: f"ip-{str(address).replace('.', '-')}"),
    st.builds(lambda kind, text: f"{kind}-{text}", st.sampled_from(["i", "sg", "subnet", "vpc", "lt", "eni"]), HEX),
    st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=10, max_size=10).map(lambda text: f"e-{text}"),
    st.just("AKIAIOSFODNN7EXAMPLE"),
)
FRAMES = st.sampled_from(["{}", "Instance '{}' is there.", "[{}, x]", "arn:aws:x:us-east-1:{}:y/z", "a/{}/b", "({})"])
TEXTS = st.builds(str.format, FRAMES, SECRETS)
DOCUMENTS: Any = st.recursive(
    TEXTS | st.integers() | st.floats(0, 1e6) | st.none() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS | st.sampled_from(["Message", "Status"]), inner),
)


@given(DOCUMENTS, TEXTS)
def test_no_secret_is_left_in_a_masked_document(document: Any, secret: str) -> None:
    text = json.dumps(masking.Mask(NAMES)([document, secret]))
    masking.check(text, NAMES)
    assert RUN not in text.lower()
    assert ACCOUNT not in text
    assert "jane" not in text
    assert not re.search(r"\b[a-z]+-[0-9a-f]{17}\b", text)


@given(DOCUMENTS)
def test_the_same_document_always_gets_the_same_masks(document: Any) -> None:
    assert masking.Mask(NAMES)(document) == masking.Mask(NAMES)(document)


@given(st.lists(HEX.map(lambda text: f"i-{text}"), min_size=2, max_size=5, unique=True))
def test_different_instances_have_different_masks_and_each_has_one(instances: list[str]) -> None:
    masked = masking.Mask(NAMES)([*instances, *instances])
    assert masked == [f"i-{number}" for number in range(1, len(instances) + 1)] * 2


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Created load balancer named: awseb--AWSEB-P5FFSRW9YP", "Created load balancer named: awseb--AWSEB-1"),
        (
            "Created Auto Scaling group named: awseb-e-abcdefghij-stack-AWSEBAutoScalingGroup-QSB2ZLQY6X1H",
            "Created Auto Scaling group named: awseb-e-1-stack-suffix-1",
        ),
        ("shop.eba-zkmt3mps.us-east-1.elasticbeanstalk.com", "shop.cname-1.us-east-1.elasticbeanstalk.com"),
        ("at 2026-11-29T00:12:13.123Z", "at <time>"),
        ("Batch 1: 1 EC2 instance(s) [i-0a1b2c3d4e5f60718] launched.", "Batch 1: 1 EC2 instance(s) [i-1] launched."),
        ("Summary: [Successful: 0, Failed: 1].", "Summary: [Successful: 0, Failed: 1]."),
    ],
)
def test_texts_keep_what_is_not_secret(text: str, masked: str) -> None:
    assert masking.Mask(NAMES)(text) == masked


@pytest.mark.parametrize("secret", [RUN, ACCOUNT, CALLER, "i-0a1b2c3d4e5f60718", "10.0.0.1", "e-abcdefghij"])
def test_a_recording_with_a_secret_is_not_written(secret: str) -> None:
    with pytest.raises(masking.Unmasked) as refused:
        masking.check(json.dumps({"x": f"a {secret} b"}), {})
    assert secret not in str(refused.value)


def test_the_recordings_of_this_project_contain_no_secret() -> None:
    files = [*RECORDINGS.rglob("*.json")]
    assert files
    for file in files:
        masking.check(file.read_text(), {})


def test_the_shape_of_an_answer_shows_paths_and_types() -> None:
    answer = {"Events": [{"Message": "x", "Severity": "INFO"}], "Empty": [], "Ready": True}
    assert recording.shape(answer) == [
        "Empty[]: empty",
        "Events[].Message: str",
        "Events[].Severity: str",
        "Ready: bool",
    ]
