"""The metadata of a drop: its label, who dropped it, and where it was built. S3 accepts 2 KB in total."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from wardrop_cli.foreign_text import one_line

MAX_BYTES = 1900
"""Less than S3's limit of 2 KB, because S3 also counts the names (S3 user guide, "Working with object metadata")."""

MAX_CHANGES, MAX_NAME, MAX_URL = 300, 100, 500
PREFIX, SUFFIX = "=?UTF-8?B?", "?="
"""S3 itself returns metadata beyond ASCII in this form (RFC 2047)."""


@dataclass(frozen=True)
class Build:
    """The origin of the file, from git and the CI server. None: the origin is not known."""

    dropped_by: str | None = None
    commit: str | None = None
    url: str | None = None
    changes: str | None = None


def build_of(variables: Mapping[str, str]) -> Build:
    """Reads the variables of Jenkins, GitHub Actions and GitLab."""
    return Build(
        dropped_by=_first(variables, "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID"),
        commit=_first(variables, "GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"),
        url=_url(variables),
    )


def _url(variables: Mapping[str, str]) -> str | None:
    server, repository, run = (variables.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    return _first(variables, "CI_JOB_URL", "CI_PIPELINE_URL", "BUILD_URL")


def _first(variables: Mapping[str, str], *names: str) -> str | None:
    return next((variables[name] for name in names if variables.get(name)), None)


def metadata_of(build: Build, label: str | None, on_failure: str | None) -> dict[str, str]:
    """The metadata, in ASCII. The changes are shortened so that everything fits."""
    given = {
        "version-label": label,
        "on-failure": on_failure,
        "dropped-by": one_line(build.dropped_by, MAX_NAME) if build.dropped_by else None,
        "git-commit": build.commit,
        "build-url": build.url if build.url and len(build.url) <= MAX_URL else None,
    }
    metadata = {name: in_ascii(value) for name, value in given.items() if value}
    if build.changes:
        room = MAX_BYTES - sum(len(name) + len(value) for name, value in metadata.items()) - len("changes")
        metadata["changes"] = _fitting(one_line(build.changes, MAX_CHANGES), room)
    return metadata


def _fitting(text: str, room: int) -> str:
    while len(encoded := in_ascii(text)) > room and len(text) > 1:
        text = one_line(text, len(text) * 3 // 4)
    return encoded


def in_ascii(text: str) -> str:
    """The text itself, or its form of RFC 2047 if it contains other characters than printable ASCII."""
    line = one_line(text).strip()
    if line.isascii() and not line.startswith("=?"):
        return line
    return f"{PREFIX}{base64.b64encode(line.encode()).decode()}{SUFFIX}"
