"""The judgement of the whole installation. If a fact was not read, its checks are never OK."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.doctor.samples import DENIED, SOUND
from wardrop_cli.doctor.findings import CannotTell, Finding, Severity
from wardrop_cli.doctor.judge import exit_code, judge
from wardrop_cli.doctor.readings import NotAnswered
from wardrop_cli.exit_codes import ExitCode

NOT_ANSWERED = NotAnswered("the URL does not exist any more", "Deploy the stack again.")

FACTS: dict[str, tuple[Any, list[str]]] = {
    "stack": (DENIED, ["stack", "operations-roles"]),
    "switches": (DENIED, ["rules"]),
    "drop_bucket.exists": (DENIED, ["drop-bucket"]),
    "drop_bucket.has_events": (DENIED, ["drop-events"]),
    "drop_bucket.is_versioned": (DENIED, ["drop-versioning"]),
    "release_bucket.exists": (DENIED, ["release-bucket"]),
    "dead_letters": (DENIED, ["dead-letters"]),
    "dead_letters.0.messages": (DENIED, ["dead-letters"]),
    "switches.0.state": (DENIED, ["rules"]),
    "switches.1.state": (DENIED, ["rules"]),
    "switches.2.state": (DENIED, ["rules"]),
    "slack": (DENIED, ["slack", "slack-posts"]),
    "slack.secret": (DENIED, ["slack"]),
    "slack.late": (DENIED, ["slack-posts"]),
    "rights": (DENIED, ["rights"]),
    "overview": (NOT_ANSWERED, ["requests", "configuration", "guard", "availability"]),
    "quota": (DENIED, ["quota"]),
    "installed": (DENIED, ["operations-roles", "health", "platform", "managed-updates"]),
    "installed.0.platform": (DENIED, ["platform"]),
    "installed.0.failed_updates": (DENIED, ["managed-updates"]),
}
"""By the path of a fact: the value that means that it was not read, and the checks that need it."""


def unread_paths(value: Any, path: str = "") -> set[str]:
    """The paths of all fields whose type allows a CannotTell."""
    paths: set[str] = set()
    if is_dataclass(value):
        for field in fields(value):
            inner = f"{path}.{field.name}".lstrip(".")
            paths |= {inner} if "CannotTell" in str(field.type) or "NotAnswered" in str(field.type) else set()
            paths |= unread_paths(getattr(value, field.name), inner)
    elif isinstance(value, list):
        paths = paths.union(*(unread_paths(each, f"{path}.{number}") for number, each in enumerate(value)))
    return paths


def without(value: Any, path: str, given: Any) -> Any:
    """A copy in which the fact with this path was not read. Facts inside of a fact that was not read do not exist."""
    if isinstance(value, CannotTell | NotAnswered):
        return value
    first, _, rest = path.partition(".")
    if isinstance(value, list):
        number = int(first)
        return [without(each, rest, given) if at == number else each for at, each in enumerate(value)]
    return replace(value, **{first: without(getattr(value, first), rest, given) if rest else given})


def severities(findings: list[Finding], check: str) -> set[Severity]:
    return {finding.severity for finding in findings if finding.check == check}


def test_every_check_of_a_sound_installation_is_ok() -> None:
    findings = judge(SOUND)
    assert {finding.severity for finding in findings} == {Severity.OK}, findings
    assert exit_code(findings) is ExitCode.SUCCESS


def test_each_fact_that_may_be_unread_is_in_the_table() -> None:
    only_of_drops = {"release_bucket.has_events", "release_bucket.is_versioned"}
    assert unread_paths(SOUND) - only_of_drops == set(FACTS)


@given(st.sets(st.sampled_from(sorted(FACTS)), min_size=1))
def test_a_fact_that_was_not_read_never_yields_an_ok(paths: set[str]) -> None:
    readings = SOUND
    for path in sorted(paths):
        readings = without(readings, path, FACTS[path][0])
    findings = judge(readings)
    for path in paths:
        for check in FACTS[path][1]:
            assert severities(findings, check) <= {Severity.CANNOT_TELL, Severity.BROKEN}, (path, check)
            assert severities(findings, check), (path, check)
    assert exit_code(findings) is not ExitCode.SUCCESS


def test_something_broken_weighs_more_than_something_unread() -> None:
    unread = Finding("a", Severity.CANNOT_TELL, "")
    broken = Finding("b", Severity.BROKEN, "")
    assert exit_code([unread, broken]) is ExitCode.FAILED
    assert exit_code([unread, Finding("c", Severity.OK, "")]) is ExitCode.CANNOT_TELL
    assert exit_code([Finding("d", Severity.WARNING, "")]) is ExitCode.SUCCESS


@pytest.mark.parametrize("path", sorted(FACTS))
def test_every_reason_is_quoted(path: str) -> None:
    value, checks = FACTS[path]
    reason = value.reason if isinstance(value, CannotTell) else "the URL does not exist any more"
    texts = [finding.text for finding in judge(without(SOUND, path, value)) if finding.check in checks]
    assert any(reason in text for text in texts), texts
