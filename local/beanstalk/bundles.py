"""Source bundles in moto's S3: whether one is there, and whether an application in it could answer at `/`."""

import io
import re
import zipfile
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

_WAR = re.compile(r"[^/]+\.war", re.IGNORECASE)
_WELCOME = re.compile(r"<welcome-file>\s*/?([^<\s]+)\s*</welcome-file>")
_RUNS = re.compile(r"WEB-INF/classes/.+\.class|WEB-INF/lib/[^/]+\.jar|[^/]+\.jar|Procfile")
_MANIFEST = "META-INF/MANIFEST.MF"


def storage(account: str) -> Any:
    """moto's S3, in process: Beanstalk's own reading is no call that anybody should see."""
    return s3_backends[account]["aws"]


def unreadable(account: str, region: str, bucket: str, key: str) -> str | None:
    """Why Beanstalk in this region could not download the bundle, in its words."""
    try:
        home = storage(account).get_bucket(bucket).region_name
        if home != region:
            return f"The bucket is in this region: {home}. Please use this region to retry the request"
        return None if storage(account).get_object(bucket, key) else "Not Found"
    except S3ClientError:
        return "Not Found"


def find(account: str, bucket: str, key: str) -> Any | None:
    """moto's object, with its `etag` and `value`."""
    try:
        return storage(account).get_object(bucket, key)
    except S3ClientError:
        return None


def delete(account: str, bucket: str, key: str) -> bool:
    try:
        storage(account).delete_object(bucket, key)
    except S3ClientError:
        return False
    return True


def answers(bundle: bytes) -> bool:
    """Whether a server running this WAR, ZIP or JAR has anything that may serve `/`.

    A single WAR serves at `/` whatever its name; in a ZIP of WARs `ROOT.war` does (AWS developer guide, "Bundling
    multiple WAR files for Tomcat environments"). Tomcat lists no directories: without a welcome file or code `/` is 404.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            names = set(archive.namelist())
            if any(_WAR.fullmatch(name) for name in names):
                return "ROOT.war" in names and answers(archive.read("ROOT.war"))
            welcome = {"index.html", "index.htm", "index.jsp"}
            if "WEB-INF/web.xml" in names:
                welcome |= set(_WELCOME.findall(archive.read("WEB-INF/web.xml").decode(errors="replace")))
            manifest = archive.read(_MANIFEST) if _MANIFEST in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False
    runs = b"Main-Class:" in manifest or any(_RUNS.fullmatch(name) for name in names)
    return runs or bool(welcome & names)
