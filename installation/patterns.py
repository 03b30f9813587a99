"""Patterns in which `*` matches any characters, as in the parameter Applications."""

import re
from functools import cache


def matches(pattern: str, name: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def have_a_common_name(first: str, second: str) -> bool:
    """Whether at least one name matches both patterns."""

    @cache
    def common(i: int, j: int) -> bool:
        if i == len(first) and j == len(second):
            return True
        if i < len(first) and first[i] == "*":
            return common(i + 1, j) or (j < len(second) and common(i, j + 1))
        if j < len(second) and second[j] == "*":
            return common(i, j + 1) or (i < len(first) and common(i + 1, j))
        return i < len(first) and j < len(second) and first[i] == second[j] and common(i + 1, j + 1)

    return common(0, 0)
