"""The application version of a drop, before it is reserved and made."""

from datetime import datetime

from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.environments.version import Release, Version

MAX_DESCRIPTION = 200
MAX_NAME = 60
"""Of `dropped-by` in a description."""


def new_version(inspected: InspectedDrop, label: str, release: Release, now: datetime) -> Version:
    return Version(
        application=inspected.address.application,
        label=label,
        description=description_of(inspected),
        release=release,
        drop=inspected.drop.id,
        reserved_at=now,
        settings=inspected.contents.settings,
        unread=inspected.contents.unread,
    )


def description_of(inspected: InspectedDrop) -> str:
    """Key, time and uploader; `as stated`, because S3 does not prove who the uploader is.

    Beanstalk refuses emoji and more than 200 characters.
    """
    dropped_by = inspected.metadata.dropped_by
    when = f", dropped {inspected.uploaded_at:%Y-%m-%dT%H:%M:%SZ}"
    tail = when + (f", by {_printable(dropped_by)[:MAX_NAME]} as stated" if dropped_by else "")
    room = MAX_DESCRIPTION - len(tail)
    key = _printable(inspected.drop.key)
    return (key if len(key) <= room else f"{key[: room - 3]}...") + tail


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
