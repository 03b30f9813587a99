"""The comparison of two texts as values of an option."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wardrop.guard.descriptions import Description, ValueKind
from wardrop.guard.meaning import Sameness, compare

SAME, DIFFERENT, UNKNOWN = Sameness.SAME, Sameness.DIFFERENT, Sameness.UNKNOWN
OWN = "awseb-e-abc123-stack-AWSEBSecurityGroup-1XYZ"
PROFILE_ARN = "arn:aws:iam::123456789012:instance-profile/web/shop"

SPELLINGS = [
    (ValueKind.TEXT, "t3.small", " t3.small ", SAME),
    (ValueKind.TEXT, "t3.small", "t3.large", DIFFERENT),
    (ValueKind.TEXT, "Key", "key", DIFFERENT),
    (ValueKind.TEXT, "007", "7", DIFFERENT),
    (ValueKind.BOOLEAN, "true", "True", SAME),
    (ValueKind.BOOLEAN, "TRUE ", "true", SAME),
    (ValueKind.BOOLEAN, "true", "false", DIFFERENT),
    (ValueKind.BOOLEAN, "true", "1", UNKNOWN),
    (ValueKind.BOOLEAN, "true", "yes", UNKNOWN),
    (ValueKind.NUMBER, "30", "30.0", SAME),
    (ValueKind.NUMBER, "30", "030", SAME),
    (ValueKind.NUMBER, "30", "+30", SAME),
    (ValueKind.NUMBER, "30", "31", DIFFERENT),
    (ValueKind.NUMBER, "30", "thirty", UNKNOWN),
    (ValueKind.DURATION, "5 minute", "5 minutes", SAME),
    (ValueKind.DURATION, "5 minute", "5 Minutes", SAME),
    (ValueKind.DURATION, "PT5M", "PT300S", SAME),
    (ValueKind.DURATION, "PT5M", "5 minutes", SAME),
    (ValueKind.DURATION, "5 minute", "1 minute", DIFFERENT),
    (ValueKind.DURATION, "PT5M", "soon", UNKNOWN),
    (ValueKind.SET, "subnet-1,subnet-2", "subnet-2, subnet-1", SAME),
    (ValueKind.SET, "subnet-1,subnet-2", '["subnet-2", "subnet-1"]', SAME),
    (ValueKind.SET, "80,443", "[443, 80]", SAME),
    (ValueKind.SET, "subnet-1,subnet-2", "subnet-1", DIFFERENT),
    (ValueKind.SEQUENCE, "t3.small, t3.micro", "t3.small,t3.micro", SAME),
    (ValueKind.SEQUENCE, "t3.small,t3.micro", "t3.micro,t3.small", DIFFERENT),
    (ValueKind.SECURITY_GROUPS, f"{OWN},sg-1", "sg-1", SAME),
    (ValueKind.SECURITY_GROUPS, f"sg-1, {OWN}", f"{OWN},sg-1", SAME),
    (ValueKind.SECURITY_GROUPS, OWN, None, SAME),
    (ValueKind.SECURITY_GROUPS, f"{OWN},sg-1", "sg-2", DIFFERENT),
    (ValueKind.SECURITY_GROUPS, f"{OWN},sg-1", "sg-1,sg-2", DIFFERENT),
    (ValueKind.SECURITY_GROUPS, "sg-own,sg-1", "sg-1", UNKNOWN),
    (ValueKind.SECURITY_GROUPS, "sg-1", "shop-web", UNKNOWN),
    (ValueKind.SECURITY_GROUPS, "sg-1", "awseb-e-other-stack-AWSEBSecurityGroup-2,sg-1", UNKNOWN),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:100,/dev/sdc=snap-1", "/dev/sdc=snap-1, /dev/sdb=:100:true", SAME),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:100", "/dev/sdb=:100::", SAME),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:100", "/dev/sdb=:100:false", DIFFERENT),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:100:false", "/dev/sdb=:100:False", SAME),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:100", "/dev/sdb=:100:true:gp3", DIFFERENT),
    (ValueKind.BLOCK_DEVICES, "/dev/sdb=:1,/dev/sdb=:2", "/dev/sdb=:2,/dev/sdb=:1", DIFFERENT),
    (ValueKind.INSTANCE_PROFILE, "shop", PROFILE_ARN, SAME),
    (ValueKind.INSTANCE_PROFILE, "/web/shop", PROFILE_ARN, SAME),
    (ValueKind.INSTANCE_PROFILE, "shop-2", PROFILE_ARN, DIFFERENT),
    (ValueKind.INSTANCE_PROFILE, PROFILE_ARN, PROFILE_ARN.replace("123456789012", "210987654321"), DIFFERENT),
    (ValueKind.INSTANCE_PROFILE, "shop", "arn:aws:iam::123456789012:role/shop", UNKNOWN),
    (ValueKind.ROLE, "eb-service", "arn:aws:iam::123456789012:role/service-role/eb-service", SAME),
    (ValueKind.JSON, '{"Version": 1, "a": [1, 2]}', '{ "a":[1,2.0],\n\t"Version":1 }', SAME),
    (ValueKind.JSON, '{"a": [1, 2]}', '{"a": [2, 1]}', DIFFERENT),
    (ValueKind.JSON, '{"a": 1}', '{"a": true}', DIFFERENT),
    (ValueKind.JSON, '{"a": 1}', '{"a": "1"}', DIFFERENT),
    (ValueKind.JSON, '{"a": 1}', '{"a": 1', UNKNOWN),
    (ValueKind.JSON, '{"a": 1}', "[" * 50_000, UNKNOWN),
    (ValueKind.JSON, '{"a": 1}', '{"a": 1e99999999999999999999}', UNKNOWN),
    (ValueKind.TEXT, "a", "x" * 100_000, UNKNOWN),
    (ValueKind.SET, "sg-1", '{"Ref": "AWSEBSecurityGroup"}', UNKNOWN),
    (ValueKind.SET, "sg-1", '["sg-1", {"Fn::GetAtt": ["Group", "GroupId"]}]', UNKNOWN),
    (ValueKind.TEXT, "a", '`{"Ref": "AWS::Region"}`', UNKNOWN),
    (ValueKind.TEXT, "a", "!Ref Group", UNKNOWN),
    (ValueKind.TEXT, '{"Ref": "A"}', '{"Ref": "A"}', UNKNOWN),
    (ValueKind.TEXT, None, "", SAME),
    (ValueKind.TEXT, None, "a", DIFFERENT),
]


@pytest.mark.parametrize(("kind", "before", "after", "answer"), SPELLINGS)
def test_values_are_compared_by_what_they_mean(kind, before, after, answer):
    assert compare(Description(kind=kind), before, after, "e-abc123") is answer
    assert compare(Description(kind=kind), after, before, "e-abc123") is answer


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        (None, "5 minutes", SAME),
        (None, "1 minute", DIFFERENT),
        (None, None, SAME),
        ("PT5M", "", UNKNOWN),
        (None, "", UNKNOWN),
    ],
)
def test_the_absence_of_a_value_is_the_default_and_an_empty_value_may_not_be(before, after, answer):
    assert compare(Description(kind=ValueKind.DURATION, default="5 minute"), before, after) is answer


WORDS = st.text("abcdefgh0123456789-", min_size=1, max_size=6)
SPACES = st.sampled_from(["", " ", "  ", "\t"])
LISTS = st.lists(WORDS, min_size=1, max_size=5, unique=True)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | WORDS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(WORDS, children, max_size=3),
    max_leaves=8,
).filter(lambda document: document is not None)


@given(LISTS, st.data())
def test_every_spelling_of_a_list_is_the_same(entries, data):
    shuffled = data.draw(st.permutations(entries))
    text = ",".join(f"{data.draw(SPACES)}{entry}{data.draw(SPACES)}" for entry in shuffled)
    for spelling in (text, json.dumps(shuffled)):
        assert compare(Description(kind=ValueKind.SET), ",".join(entries), spelling) is SAME


@given(LISTS, LISTS)
def test_two_lists_are_the_same_only_if_they_have_the_same_entries(first, second):
    answer = compare(Description(kind=ValueKind.SET), ",".join(first), ", ".join(second))
    assert (answer is SAME) is (set(first) == set(second))


@given(st.integers(0, 10**9), st.integers(0, 3), SPACES)
def test_every_spelling_of_a_number_is_the_same(number, zeros, space):
    for spelling in (f"{'0' * zeros}{number}", f"{number}.{'0' * (zeros + 1)}", f"{space}{number}{space}"):
        assert compare(Description(kind=ValueKind.NUMBER), str(number), spelling) is SAME


@given(st.integers(0, 200), SPACES)
def test_every_spelling_of_a_duration_is_the_same(minutes, space):
    spellings = (f"PT{minutes}M", f"pt{minutes * 60}s", f"{minutes} minutes", f"{minutes}{space}Minute{space}")
    for spelling in spellings:
        assert compare(Description(kind=ValueKind.DURATION), f"{minutes} minute", spelling) is SAME
        assert compare(Description(kind=ValueKind.DURATION), f"{minutes + 1} minute", spelling) is DIFFERENT


@given(LISTS, st.data())
def test_the_groups_of_the_user_are_the_same_beside_the_group_of_beanstalk(groups, data):
    ids = [f"sg-{group}" for group in groups]
    listed = ",".join(data.draw(st.permutations([OWN, *ids])))
    assert compare(Description(kind=ValueKind.SECURITY_GROUPS), listed, ", ".join(ids), "e-abc123") is SAME
    fewer = ",".join(ids[1:])
    assert compare(Description(kind=ValueKind.SECURITY_GROUPS), listed, fewer, "e-abc123") is DIFFERENT


@given(WORDS, WORDS, st.sampled_from(["", "/", "/web/", "/web/team/"]))
def test_every_spelling_of_an_instance_profile_is_the_same(name, other, path):
    arn = f"arn:aws:iam::123456789012:instance-profile{path or '/'}{name}"
    for spelling in (arn, f"{path}{name}", f" {name} "):
        assert compare(Description(kind=ValueKind.INSTANCE_PROFILE), name, spelling) is SAME
        answer = compare(Description(kind=ValueKind.INSTANCE_PROFILE), other, spelling)
        assert answer is (SAME if name == other else DIFFERENT)


@given(DOCUMENTS, st.integers(0, 4))
def test_a_document_is_compared_by_its_content(document, indent):
    spelling = json.dumps(document, indent=indent, sort_keys=True)
    assert compare(Description(kind=ValueKind.JSON), json.dumps(document), spelling) is SAME


@given(DOCUMENTS, DOCUMENTS)
@example([True], [1])
@example({"a": 1}, {"a": "1"})
def test_documents_of_another_content_are_different(first, second):
    answer = compare(Description(kind=ValueKind.JSON), json.dumps(first), json.dumps(second))
    is_same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert (answer is SAME) is is_same


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.sampled_from([text for _, *texts, _ in SPELLINGS for text in texts if text is None or len(text) < 1000]),
)


@given(st.sampled_from(ValueKind), TEXTS, TEXTS, st.sampled_from([None, "5 minute", "true", "a,b"]))
def test_the_answer_does_not_depend_on_the_direction(kind, first, second, default):
    description = Description(kind=kind, default=default)
    forth, back = (compare(description, *pair, "e-abc123") for pair in ((first, second), (second, first)))
    assert forth is back
