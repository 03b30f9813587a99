"""Generates bundles: ZIP archives in which any field of any header may have any value."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.bundles.every import every_bundle
from tests.bundles.zip_bytes import FAT, UNIX, Written, unicode_path, zipped
from tests.fuzz.drops import Dropped, run
from tests.fuzz.oracle import SECRET
from tests.fuzz.strategies import TEXT
from tests.fuzz.target import Target

HEADERS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08")
VALUES = st.sampled_from([0, 1, 2, 8, 12, 14, 46, 0x800, 0x801, 0xFF, 0x7FFF, 0xFFFF, 2**31, 2**32 - 1]) | st.integers(
    0, 2**32 - 1
)

SEEDS = [one.content for one in every_bundle()]

PATHS = st.sampled_from(
    [
        "WEB-INF/web.xml",
        "WEB-INF/lib/a.jar",
        "META-INF/MANIFEST.MF",
        ".ebextensions/a.config",
        ".ebextensions/b.config",
        ".EBEXTENSIONS/A.CONFIG",
        "WEB-INF/classes/.ebextensions/a.config",
        "Procfile",
        "Dockerfile",
        "ROOT.war",
        "a.war",
        "__MACOSX/._a",
        "../../etc/passwd",
        "/etc/passwd",
        "a\\b",
        "C:\\a",
    ]
)
NAMES = st.one_of(
    PATHS,
    PATHS,
    TEXT.map(lambda text: f".ebextensions/{text}.config"),
    TEXT.map(lambda text: f"WEB-INF/{text}"),
    TEXT,
    st.integers(1, 65_000).map(lambda count: "a/" * (count // 2) + "x"),
).map(lambda name: name.encode("utf-8", "surrogatepass")[:65_535])

CONTENTS = st.one_of(
    st.just(b"Implementation-Version: 1.2\r\n"),
    st.just(b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"),
    st.just(f"option_settings:\n  aws:elasticbeanstalk:application:environment:\n    PASSWORD: {SECRET}\n".encode()),
    st.just(f"a: *{SECRET}\n".encode()),
    st.builds(lambda text: f"Implementation-Version: {text}\n".encode("utf-8", "replace"), TEXT),
    st.integers(1, 65_000).map(lambda count: b"Implementation-Version:" + b" " * count),
    st.integers(1, 30_000).map(lambda count: b"Implementation-Version: 1\n" + b" \n" * count),
    st.sampled_from(SEEDS),
    st.binary(max_size=200),
)


@st.composite
def entries(draw: st.DrawFn) -> Written:
    name, data, system = draw(NAMES), draw(CONTENTS), draw(st.sampled_from([UNIX, FAT, 10, 19, 255]))
    extra = draw(st.one_of(st.just(b""), st.just(b""), st.binary(max_size=40), _unicode(name)))
    method, stored = draw(st.sampled_from([0, 0, 8])), None
    if method == 8:
        stored = draw(st.sampled_from([b"", b"\0\0\0\xff\xff" * 20_000])) + zlib.compress(data, wbits=-15)
    return Written(
        name=name,
        data=data,
        system=system,
        extra=extra,
        method=method,
        stored=stored,
        flags=draw(st.sampled_from([0, 0, 0x800, 0x1, 0x8, 0x2000])),
        local_name=draw(st.none() | NAMES),
        comment=draw(st.sampled_from([b"", b"PK\x05\x06" * 10])),
        describes_later=draw(st.booleans()),
        zip64=draw(st.booleans()),
    )


def _unicode(name: bytes) -> st.SearchStrategy[bytes]:
    return TEXT.map(lambda text: unicode_path(name, text[:16_000].encode("utf-8", "replace").decode()))


@dataclass(frozen=True)
class Field:
    """A field of one of the headers that is overwritten."""

    header: bytes
    number: int
    offset: int
    layout: str
    value: int

    def overwritten(self, content: bytes) -> bytes:
        at = -1
        for _ in range(self.number):
            following = content.find(self.header, at + 1)
            at = following if following >= 0 else at
        size = struct.calcsize(self.layout)
        if at < 0 or at + self.offset + size > len(content):
            return content
        changed = bytearray(content)
        struct.pack_into(self.layout, changed, at + self.offset, self.value & ((1 << 8 * size) - 1))
        return bytes(changed)


FIELDS = st.builds(
    Field,
    st.sampled_from(HEADERS),
    st.integers(1, 4),
    st.integers(4, 50),
    st.sampled_from(["<B", "<H", "<L", "<Q"]),
    VALUES,
)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    chosen: list[Any] = draw(st.lists(entries(), max_size=8))
    content = (
        draw(st.sampled_from(SEEDS))
        if draw(st.booleans()) and not chosen
        else zipped(
            [Written(name=b"WEB-INF/web.xml"), *chosen],
            before=draw(st.sampled_from([b"", b"", b"#!/bin/sh\n", b"PK\x03\x04"])),
            after=draw(st.sampled_from([b"", b"", b"\n", b"PK\x05\x06" + b"\0" * 18])),
            comment=draw(st.sampled_from([b"", b"", b"x" * 65_535, b"PK\x05\x06" * 99])),
            states=draw(st.none() | VALUES.map(lambda value: value & 0xFFFF)),
            zip64=draw(st.booleans()),
            counts_before=draw(st.booleans()),
        )
    )
    for field in draw(st.lists(FIELDS, max_size=3)):
        content = field.overwritten(content)
    if draw(st.integers(0, 9)) == 0:
        start, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        content = content[:start] + content[end:]
    return content


NAMES_OF_FILES = st.sampled_from(["shop-1.war", "shop-1.zip", "shop-1.jar", "SHOP.WAR"])

TARGET = Target(
    st.builds(lambda content, name: Dropped(f"shop/shop-staging/{name}", content), archives(), NAMES_OF_FILES), run
)
