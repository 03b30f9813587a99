"""Decides whether two strings are the same value of an option."""

from collections.abc import Hashable
from enum import StrEnum

from wardrop.guard import values
from wardrop.guard.descriptions import Description, ValueKind


class Sameness(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """Only AWS can decide, or Beanstalk's rules are not documented."""


def compare(description: Description, before: str | None, after: str | None, environment_id: str = "") -> Sameness:
    """Compares two values of an option. None stands for the option's default. The order of the values has no meaning.

    `environment_id` identifies the environment's own security group, which Beanstalk adds to the user's groups.
    """
    first, second = (_value(description, text) for text in (before, after))
    if values.has_reference(first) or values.has_reference(second):
        return Sameness.UNKNOWN
    if first == second:
        return Sameness.SAME
    if not (first and second) and description.kind is not ValueKind.SECURITY_GROUPS:
        # Beanstalk may refuse an empty string, or may interpret it as the default.
        return Sameness.UNKNOWN if description.default else Sameness.DIFFERENT
    match description.kind:
        case ValueKind.SECURITY_GROUPS:
            return _compare_groups(first, second, environment_id)
        case ValueKind.INSTANCE_PROFILE | ValueKind.ROLE:
            return _compare_names(description.kind, first, second)
        case _:
            return _compare_readings(values.read(description.kind, first), values.read(description.kind, second))


def _value(description: Description, text: str | None) -> str:
    return (description.default or "") if text is None else text.strip()


def _compare_readings(first: Hashable | None, second: Hashable | None) -> Sameness:
    return Sameness.UNKNOWN if first is None or second is None else _same(first == second)


def _compare_names(kind: ValueKind, before: str, after: str) -> Sameness:
    """Compares IAM names. They are unique in an account, so their paths are ignored."""
    first, second = values.iam_name(kind, before), values.iam_name(kind, after)
    if first is None or second is None:
        return Sameness.UNKNOWN
    if first.name != second.name:
        return Sameness.DIFFERENT
    return _same(not first.account or not second.account or first == second)


def _compare_groups(before: str, after: str, environment_id: str) -> Sameness:
    """Compares security groups. Beanstalk adds a group to the user's groups, and lists this group by name or by id."""
    first, second = (values.groups(text, environment_id) for text in (before, after))
    extra = first ^ second
    if not extra:
        return Sameness.SAME
    if any(values.owner(group) for group in extra):
        # Beanstalk created the group, perhaps for this environment.
        return Sameness.UNKNOWN
    if not values.are_ids(extra):
        # One value may contain the name of a group, and the other value the id of the same group.
        has_ids_alone = values.are_ids(first) or values.are_ids(second)
        return Sameness.UNKNOWN if has_ids_alone else Sameness.DIFFERENT
    is_own_listed = any(values.owner(group) == environment_id for group in values.entries(f"{before},{after}"))
    is_one_more = len(extra) == 1 and not is_own_listed
    return Sameness.UNKNOWN if is_one_more else Sameness.DIFFERENT


def _same(is_same: bool) -> Sameness:
    return Sameness.SAME if is_same else Sameness.DIFFERENT
