"""Writes a digest of the build and of the parameters into the built template, so that SAM publishes new versions.

SAM publishes a new version of a function only if the property AutoPublishCodeSha256 has changed. If only a layer or a
parameter changes, SAM itself does not change this property.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

STAMP = re.compile(r"(AutoPublishCodeSha256: )\S+")
LENGTH = 16
"""The length of the digest. SAM appends it to the function's description, which has at most 256 characters."""


class NothingToStamp(Exception):
    """The template has no AutoPublishCodeSha256, so no version would be published."""


def stamp(build: Path, values: Mapping[str, str]) -> str:
    """Writes the digest into each function of `build`/template.yaml, and returns the digest. Raises NothingToStamp."""
    template = build / "template.yaml"
    text, digest = template.read_text(), digest_of(build, values)
    if not STAMP.search(text):
        raise NothingToStamp
    template.write_text(STAMP.sub(rf"\g<1>{digest}", text))
    return digest


def digest_of(build: Path, values: Mapping[str, str]) -> str:
    """Computes the digest of a build. It depends only on the content, and not on when or where it was built."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for path in sorted(path for path in build.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        content = path.read_bytes()
        if path == build / "template.yaml":
            content = STAMP.sub(r"\1", content.decode()).encode()
        digest.update(f"{path.relative_to(build)} {len(content)}\n".encode() + content)
    # The letter at the beginning prevents YAML from reading the digest as a number.
    return f"b{digest.hexdigest()[: LENGTH - 1]}"


if __name__ == "__main__":
    stamp(Path(".aws-sam/build"), {})
