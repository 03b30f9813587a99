"""The accepted configuration documents, and the refusals of others."""

import contextlib
from datetime import timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wardrop.configuration.schema import Configuration, InvalidConfiguration, parse
from wardrop.environments.model import Health

EVERY_FIELD = """
environments:                 # in the order of promotion; an entry may be a list: one stage
  - name: shop-staging
    bake: 5m                  # [2m] well for so long before it counts as good
  - name: shop-prod
    approval: required        # [none for the first, required for the others]
    approvers: ["arn:aws:iam::123456789012:role/release-*"]   # [every caller of run_command]
    policy: RollingWithAdditionalBatch   # [rolling: see below]  keep = never change the environment's own
    batch: 30%                # or 2  [30 %]
    accept: [Ok, Info]        # [Ok, Info, and whatever milder than Severe it was before]
    bad_for: 3m               # [3m] unacceptable for so long, on three looks, before it condemns
    deadline: 60m             # [from policy, batches and command timeout]
    on_failure: rollback      # [rollback]; hold = leave it and call a person
    freeze: ["Fri 16:00 - Mon 08:00 Asia/Seoul"]   # [none]
    alert_from: Warning       # [Warning] the mildest health worth an alert
versions: {keep_last: 30, keep_for: 30d, keep_good_per_environment: 5, scope: own}   # [these]
slack: {channel: "#shop-ops"}                # [the stack's]
"""


def refusal(text: str) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        parse(text)
    return str(caught.value)


def test_a_document_with_every_field_is_read():
    configured = parse(EVERY_FIELD)
    prod = configured.environment("shop-prod")
    assert [[entry.name for entry in stage] for stage in configured.stages] == [["shop-staging"], ["shop-prod"]]
    assert configured.environment("shop-staging").bake == timedelta(minutes=5)
    assert (prod.approval, prod.policy, prod.batch) == ("required", "RollingWithAdditionalBatch", "30%")
    assert (prod.accept, prod.bad_for) == ((Health.OK, Health.INFO), timedelta(minutes=3))
    assert (prod.deadline, prod.on_failure) == (timedelta(hours=1), "rollback")
    assert configured.versions.keep_for == timedelta(days=30)
    assert configured.slack.channel == "#shop-ops"


@pytest.mark.parametrize("text", ["", "# only a comment", "{}", "environments: []"])
def test_an_empty_document_means_the_defaults(text):
    assert parse(text) == Configuration()


@pytest.mark.parametrize(
    "value",
    ["12:30:45", "1:30.5", "010", "0x10", "0b1", "1_000", "1.5", ".inf", "1e3", "9" * 19, "!!int 12:30:45", "true"],
)
def test_only_a_decimal_number_is_a_number(value):
    assert "keep_last" in refusal(f"versions: {{keep_last: {value}}}") or "whole number" in refusal(
        f"versions: {{keep_last: {value}}}"
    )


def test_a_time_of_the_day_is_no_number_of_instances():
    assert "batch" in refusal("environments: [{name: shop-prod, batch: 12:30:45}]")


@pytest.mark.parametrize(
    "tag", ["!!float 1:2", "!!bool yes", "!!timestamp 2026-01-01", "!!binary aGk=", "!!set {a}", "!own y"]
)
def test_an_explicit_tag_of_another_type_is_refused(tag):
    assert refusal(f"slack: {{channel: {tag}}}").startswith("not YAML: could not determine a constructor for the tag")


def test_sexagesimal_digits_without_end_are_refused():
    assert "slack" in refusal(f"slack: {{channel: {':59' * 2000}.5}}".replace(": :", ": 1:"))


@pytest.mark.parametrize("text", ['"\\ud800"', '"#\\udc00 x"', '"\\ude80\\ud83d"'])
def test_half_a_surrogate_pair_is_refused_with_its_position(text):
    assert refusal(f"slack: {{channel: {text}}}") == (
        "not YAML: an escape sequence is an incomplete surrogate pair in line 1, column 18"
    )


def test_a_character_that_is_written_as_two_surrogates_is_read():
    assert parse('slack: {channel: "#shop-\\ud83d\\ude80"}').slack.channel == "#shop-🚀"


@pytest.mark.parametrize(
    "channel", ["shop", '"#"', '"#a b"', '"#<!here>"', '"#\\uffff"', "C123", '"#a\\n"', f'"#{"x" * 81}"']
)
def test_a_text_that_cannot_name_a_channel_is_refused(channel):
    reason = 'a channel is "#name" in quotes, or the id of a channel - at `$.slack.channel`'
    assert refusal(f"slack: {{channel: {channel}}}") == reason


def test_an_environment_that_is_not_configured_has_the_defaults():
    defaults = parse(EVERY_FIELD).environment("shop-other")
    assert (defaults.bake, defaults.bad_for) == (timedelta(minutes=2), timedelta(minutes=3))
    assert defaults.accept == (Health.OK, Health.INFO)


def test_an_entry_that_is_a_list_is_one_stage():
    configured = parse("environments: [[{name: shop-web}, {name: shop-worker}], {name: shop-prod}]")
    assert [len(stage) for stage in configured.stages] == [2, 1]
    assert configured.environment("shop-worker").name == "shop-worker"


@pytest.mark.parametrize("off", ["off", "'off'", '"off"'])
def test_off_is_text_and_not_a_boolean(off):
    assert "'off' is not a freeze window" in refusal(f"environments: [{{name: shop-prod, freeze: [{off}]}}]")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("environment: []", ["unknown field `environment`"]),
        (
            "environments: [{name: shop-prod, alert_from: Pending}]",
            ["Pending is not one of Info,", "alert_from of shop-prod"],
        ),
        ("environments: [{name: shop-prod, bakee: 5m}]", ["unknown field `bakee`", "$.environments[0]"]),
        (
            "environments: [{name: shop-prod}, [{name: shop-web}, {name: shop-x, a: 1}]]",
            ["$.environments[1][1]"],
        ),
        ("environments: [{bake: 5m}]", ["missing required field `name`", "$.environments[0]"]),
        ("environments: [{name: x}]", ["$.environments[0].name"]),
        ("environments: [{name: shop_prod}]", ["$.environments[0].name"]),
        ("environments: [[]]", ["length >= 1", "$.environments[0]"]),
        ("environments: {name: shop-prod}", ["Expected `array`", "$.environments"]),
        ("environments: shop-prod", ["Expected `array`", "$.environments"]),
        (
            "environments: [{name: shop-prod, bake: -5m}]",
            ["'-5m' is not a duration", "$.environments[0].bake"],
        ),
        ("environments: [{name: shop-prod, bake: 5}]", ["5 is not a duration such as 90s, 5m, 2h or 30d"]),
        ("environments: [{name: shop-prod, bake: null}]", ["not a duration"]),
        ("environments: [{name: shop-prod, bake: [5m]}]", ["not a duration"]),
        ("environments: [{name: shop-prod, approval: maybe}]", ["'maybe'", "approval", "; allowed are required, none"]),
        ("environments: [{name: shop-prod, policy: rollign}]", ["policy", "allowed are rolling, keep, AllAtOnce"]),
        (
            "environments: [{name: shop-prod, accept: [Green]}]",
            ["'Green'", "accept[0]", "; allowed are Ok, Info, Warning, Degraded, Severe"],
        ),
        (
            "environments: [{name: shop-prod, accept: [Pending]}]",
            ["Pending is not one of Ok, Info,", "accept of shop-prod"],
        ),
        ("environments: [{name: shop-prod, accept: Ok}]", ["accept"]),
        ("environments: [{name: shop-prod, batch: 0}]", ["batch"]),
        ("environments: [{name: shop-prod, batch: 101%}]", ["batch"]),
        ("environments: [{name: shop-prod, on_failure: ignore}]", ["on_failure", "; allowed are rollback, hold"]),
        ("environments: [{name: shop-prod, approvers: [jane]}]", ["'jane' is not the ARN", "approvers of shop-prod"]),
        (
            "environments: [{name: shop-prod, approvers: ['arn:aws:iam::123456789012:role/team/release-*']}]",
            [
                "contains the path of a role, but the ARN of a session has no path",
                "arn:aws:iam::123456789012:role/release-*",
            ],
        ),
        ("versions: {scope: mine}", ["$.versions.scope", "; allowed are own, all"]),
        ("versions: {keep_last: -1}", ["$.versions.keep_last"]),
        ("versions: {keep_good_per_environment: 0}", ["$.versions.keep_good_per_environment"]),
        ("versions: {keep_last: many}", ["Expected `int`, got `str`", "$.versions.keep_last"]),
        ("slack: {channel: 5}", ["$.slack.channel"]),
        ("- a", ["Expected `object`"]),
        ("just text", ["Expected `object`"]),
        ("a: [", ["not YAML"]),
        ("a: !!python/object:os.system {}", ["not YAML"]),
        ("a: !!bool maybe", ["not YAML"]),
        ("a: !!timestamp 2026-99-99", ["not YAML"]),
        ("environments: [{name: shop-prod, approval: no}]", ["'no'", "approval"]),
        ("environments: [{name: shop-prod, diagnose: maybe}]", ["maybe", "allowed are on, off"]),
        ("environments: [{name: shop-prod, guard: stop}]", ["stop", "allowed are alert, abort, off"]),
        ("[" * 600, ["not YAML"]),
        (r'a: "\U99999999"', ["not YAML"]),
    ],
)
def test_any_other_document_is_refused_with_the_path(text, parts):
    reason = refusal(text)
    assert all(part in reason for part in parts), reason


@pytest.mark.parametrize("batch", ["1", "2", "1%", "30%", "99%", "100%"])
def test_batches_are_a_number_or_a_percentage(batch):
    assert str(parse(f"environments: [{{name: shop-prod, batch: {batch}}}]").environment("shop-prod").batch) == batch


@given(st.text(max_size=200))
@example("&a [*a]")
@example("environments: &a [*a]")
@example("environments: &a [[*a]]")
@example("&a {environments: *a}")
@example("environments: !!timestamp never")
@example("? [a]\n: b")
@example("1: 2")
@example("0x" + "f" * 5000)
def test_no_text_raises_anything_but_invalid_configuration(text):
    with contextlib.suppress(InvalidConfiguration):
        parse(text)


fields = {name: st.none() | st.text() | st.integers() | st.lists(st.text()) for name in ("name", "bake", "accept", "x")}


@given(st.lists(st.fixed_dictionaries({}, optional=fields)))
def test_no_document_raises_anything_but_invalid_configuration(environments):
    with contextlib.suppress(InvalidConfiguration):
        parse(msgspec.yaml.encode({"environments": environments}).decode())
