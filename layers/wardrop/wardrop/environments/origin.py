"""Where a version comes from, as its uploader states it in the metadata of the drop."""

from collections.abc import Mapping

import msgspec

from wardrop.foreign_text import one_line

MAX_COMMIT, MAX_CHANGES, MAX_URL = 64, 300, 1000


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """None: the uploader states nothing, or states a build URL that is not a plain https URL."""

    commit: str | None = None
    build: str | None = None
    """The https URL of the build."""

    changes: str | None = None
    """What has changed since the version before."""


def read_origin(metadata: Mapping[str, str]) -> Origin | None:
    """From `git-commit`, `build-url` and `changes`. None: the metadata has none of them."""
    origin = Origin(
        commit=_text(metadata, "git-commit", MAX_COMMIT),
        build=_link(metadata.get("build-url", "").strip()),
        changes=_text(metadata, "changes", MAX_CHANGES),
    )
    return origin if origin != Origin() else None


def _text(metadata: Mapping[str, str], name: str, limit: int) -> str | None:
    return one_line(metadata.get(name, "").strip(), limit) or None


def _link(url: str) -> str | None:
    """Other schemes can run code or read files where people click them."""
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    has_host = url.startswith("https://") and len(url) > len("https://")
    return url if is_plain and has_host and "@" not in url.removeprefix("https://").partition("/")[0] else None
