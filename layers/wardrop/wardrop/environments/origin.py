"""The origin of a version (commit, build and changes), which the uploader states in the drop's metadata."""

from collections.abc import Mapping

import msgspec

from wardrop.foreign_text import clean, one_line

MAX_COMMIT, MAX_CHANGES, MAX_URL = 64, 300, 1000


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The origin of a version.

    A field is None if the uploader does not state it, and `build` is None if it is not an https URL.
    """

    commit: str | None = None
    build: str | None = None
    """The https URL of the build."""

    changes: str | None = None
    """The changes since the previous version."""

    def __post_init__(self) -> None:
        clean(self, "commit", limit=MAX_COMMIT)
        clean(self, "build", limit=MAX_URL)
        clean(self, "changes", limit=MAX_CHANGES)


def read_origin(metadata: Mapping[str, str]) -> Origin | None:
    """Reads `git-commit`, `build-url` and `changes`. Returns None if the metadata contains none of them."""
    origin = Origin(
        commit=_text(metadata, "git-commit", MAX_COMMIT),
        build=_link(metadata.get("build-url", "").strip()),
        changes=_text(metadata, "changes", MAX_CHANGES),
    )
    return origin if origin != Origin() else None


def _text(metadata: Mapping[str, str], name: str, limit: int) -> str | None:
    return one_line(metadata.get(name, "").strip(), limit) or None


def _link(url: str) -> str | None:
    """Returns the URL only if its scheme is https, because a click on another URL could run code or read files."""
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    has_host = url.startswith("https://") and len(url) > len("https://")
    return url if is_plain and has_host and "@" not in url.removeprefix("https://").partition("/")[0] else None
