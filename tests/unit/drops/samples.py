"""Drops and bundles for the tests, sound and broken ones."""

import io
import struct
from typing import Any

import pytest

from tests.unit.samples import NOW, WAR, archive, drop
from wardrop.drops.bundle import BundleContents, inspect
from wardrop.drops.ebextensions import Ebextensions
from wardrop.drops.inspected_drop import InspectedDrop, Metadata
from wardrop.drops.key import Address
from wardrop.errors import Rejected

LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def inspected(file: str = "shop-2.0.war", key: str | None = None, **differs: Any) -> InspectedDrop:
    """`differs` replaces fields of the drop, its address, its metadata and its contents."""
    application = differs.pop("application", "shop")
    metadata = Metadata(differs.pop("version_label", None), differs.pop("dropped_by", None))
    implementation_version, docker_files = differs.pop("implementation_version", None), differs.pop("docker_files", [])
    contents = BundleContents(implementation_version, docker_files=docker_files)
    dropped = drop(key or f"{application}/{file}", **differs)
    return InspectedDrop(dropped, Address(application, None, file), NOW, metadata, contents)


def read(content, name="shop-1.0.war", size=None) -> BundleContents:
    return inspect(io.BytesIO(content), name, len(content) if size is None else size)


def refusal(content, name="shop-1.0.war", size=None) -> str:
    with pytest.raises(Rejected) as caught:
        read(content, name, size)
    return caught.value.reason


def with_field(content: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """The archive, after a field in the last header of this kind was overwritten."""
    changed = bytearray(content)
    struct.pack_into(layout, changed, content.rindex(signature) + offset, value)
    return bytes(changed)


def config(content: bytes, name=".ebextensions/a.config", **kwargs) -> Ebextensions:
    return read(archive(WAR | {name: content}, **kwargs)).ebextensions


def of_files(files: dict[str, bytes]) -> Ebextensions:
    return read(archive(WAR | files)).ebextensions
