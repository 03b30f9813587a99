"""The version label and the description of a drop."""

import hashlib
import re
from datetime import datetime

from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.environments.version import Release, Version
from wardrop.foreign_text import MAX_DESCRIPTION, for_description

MAX_LABEL = 100
"""The longest version label, in characters (Elastic Beanstalk API reference, CreateApplicationVersion)."""


def candidate_labels(inspected: InspectedDrop, content_hash: str) -> list[str]:
    """Returns the possible labels, in order. If a label belongs to another bundle, the next one is tried.

    The second label contains a hash of the content, and the third contains a hash of the drop's id.
    """
    label = label_of(inspected, content_hash)
    origin = hashlib.sha256(inspected.drop.id.encode()).hexdigest()
    return [label, distinct(label, content_hash), distinct(label, origin)]


def label_of(inspected: InspectedDrop, content_hash: str) -> str:
    """Returns the label in the metadata, or else a label from the name of the file.

    A file name without digits does not identify a version, so the version in the manifest is appended. If the label
    still has no digits, or names a snapshot, a part of the content's hash is appended.
    """
    stated, address = inspected.metadata.version_label, inspected.address
    if stated and (label := _safe(stated)):
        return label
    name = _safe(address.name) or _safe(address.application)
    implementation_version = inspected.contents.implementation_version
    if not _has_digit(name) and implementation_version and (version := _safe(implementation_version)):
        name = f"{name}-{version}"[:MAX_LABEL].lstrip("-")
    if not _has_digit(name) or name.upper().endswith("-SNAPSHOT"):
        return distinct(name, content_hash)
    return name


def states_label(inspected: InspectedDrop) -> bool:
    """Whether the metadata contains a usable label."""
    return bool(_safe(inspected.metadata.version_label or ""))


def distinct(label: str, digest: str) -> str:
    """Appends the first 8 characters of a hash, so that the label differs from the labels of other bundles."""
    suffix = f"-{digest[:8]}"
    return (label[: MAX_LABEL - len(suffix)] + suffix).lstrip("-")


def _safe(text: str) -> str:
    """Converts a string to a label.

    A string of dots results in an empty label, because paths and URLs use `.` and `..` for folders.
    """
    label = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:MAX_LABEL].strip("-")
    return label if label.strip(".") else ""


def _has_digit(name: str) -> bool:
    return re.search(r"\d", name) is not None


MAX_NAME = 60
"""The number of characters of `dropped-by` in a description."""


def new_version(inspected: InspectedDrop, label: str, release: Release, now: datetime) -> Version:
    ebextensions = inspected.contents.ebextensions
    return Version(
        application=inspected.address.application,
        label=label,
        description=description_of(inspected),
        release=release,
        drop=inspected.drop.id,
        reserved_at=now,
        origin=inspected.metadata.origin,
        settings=ebextensions.settings,
        resources=ebextensions.resources,
        unread=ebextensions.unread,
    )


def description_of(inspected: InspectedDrop) -> str:
    """Describes the version with its key, its time and its uploader.

    The words "as stated" follow the uploader's name, because S3 does not authenticate this name.
    """
    dropped_by = inspected.metadata.dropped_by
    when = f", dropped {inspected.uploaded_at:%Y-%m-%dT%H:%M:%SZ}"
    tail = when + (f", by {for_description(dropped_by, MAX_NAME)} as stated" if dropped_by else "")
    return for_description(inspected.drop.key, MAX_DESCRIPTION - len(tail)) + tail
