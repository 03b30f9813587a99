"""Writes the WARs of the demo to `build/`. The page in each WAR shows its version."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.settings import ROOT

WEBAPP = Path(__file__).parent / "webapp"
BUILD = ROOT / "build"
ANOTHER_KEY = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    EC2KeyName: ops\n"
"""A new SSH key changes the launch template, so Beanstalk replaces every instance."""


@dataclass(frozen=True)
class Variant:
    name: str
    has_pages: bool = True
    """Whether the WAR has pages. If it has none, Tomcat cannot answer a request for `/`."""

    settings: str = ""
    """The content of a file in `.ebextensions`."""

    @property
    def path(self) -> Path:
        """The path as a user types it, relative to the folder of the project."""
        return (BUILD / self.name).relative_to(ROOT)


GOOD = Variant("shop-1.war")
BROKEN = Variant("shop-2.war", has_pages=False)
REPLACING = Variant("shop-3.war", settings=ANOTHER_KEY)


def write(variant: Variant) -> None:
    """Writes the WAR.

    If the file already has this content, it is not written, because another demo may be uploading it.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _entries(variant):
            archive.writestr(zipfile.ZipInfo(name), content)
    path = BUILD / variant.name
    if not path.exists() or path.read_bytes() != written.getvalue():
        BUILD.mkdir(exist_ok=True)
        path.write_bytes(written.getvalue())


def _entries(variant: Variant) -> Iterator[tuple[str, bytes | str]]:
    for path in sorted(WEBAPP.rglob("*")):
        if path.is_file() and (variant.has_pages or path.suffix != ".jsp"):
            yield str(path.relative_to(WEBAPP)), path.read_bytes()
    yield "version.txt", Path(variant.name).stem
    if variant.settings:
        yield ".ebextensions/settings.config", variant.settings
