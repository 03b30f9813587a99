"""The bundles of the scenarios. They are a few hundred bytes each."""

import io
import zipfile

WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"/>\n'

MISCONFIGURED = "option_settings:\n  aws:elasticbeanstalk:command:\n    BatchSize: many\n"


def _war(files: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in {"WEB-INF/web.xml": WEB_XML, **files}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return written.getvalue()


def bundles() -> dict[str, bytes]:
    """The bundles by the names of their objects.

    `silent` answers every request with 404. `unpackable` has bytes before its first entry, so that `unzip` exits
    with 1. `misconfigured` sets an option to a value that it does not allow. `unreadable` has a configuration file
    that is neither YAML nor JSON.
    """
    good = {f"good-{number}": _war({"index.html": f"<h1>good-{number}</h1>\n"}) for number in range(1, 4)}
    return good | {
        "silent": _war({}),
        "unpackable": b"#!/bin/sh\nexit 0\n" + _war({"index.html": "<h1>unpackable</h1>\n"}),
        "misconfigured": _war({"index.html": "x", ".ebextensions/a.config": MISCONFIGURED}),
        "unreadable": _war({".ebextensions/a.config": "option_settings: [\n"}),
    }
