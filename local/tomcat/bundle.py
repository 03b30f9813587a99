"""Unpacks a source bundle as Beanstalk's Tomcat platform does."""

import shutil
import subprocess
from pathlib import Path

from .processes import PLAIN, command

UNZIP_SECONDS = 60.0


class CannotUnpack(Exception):
    """The bundle cannot be unpacked. The message has the same form as the messages of eb-engine."""


def unpack(content: bytes | None, staging: Path) -> Path:
    """Unpacks into `staging`. Returns the folder of the web applications. Raises CannotUnpack."""
    if content is None:
        raise CannotUnpack("The source bundle cannot be downloaded from S3.")
    bundle, unpacked, webapps = (staging / name for name in ("app_source_bundle", "unpacked", "webapps"))
    shutil.rmtree(staging, ignore_errors=True)
    unpacked.mkdir(parents=True)
    webapps.mkdir()
    bundle.write_bytes(content)
    unzip = [command("unzip"), "-q", "-o", str(bundle), "-d", str(unpacked)]
    try:
        # In a session without a terminal, unzip does not ask for the password of an encrypted entry.
        subprocess.run(unzip, check=True, capture_output=True, timeout=UNZIP_SECONDS, env=PLAIN, start_new_session=True)
    except subprocess.TimeoutExpired:
        raise CannotUnpack(f"unzip did not end within {UNZIP_SECONDS:.0f} seconds.") from None
    except subprocess.CalledProcessError as error:
        printed = (error.stdout + error.stderr)[:4000].decode(errors="replace").strip()
        failed = f"Command {' '.join(unzip)} failed with error exit status {error.returncode}."
        raise CannotUnpack(f"{failed} Stderr:{printed}") from None
    arrange(unpacked, webapps)
    return webapps


def arrange(unpacked: Path, webapps: Path) -> None:
    """Moves the content of a bundle to Tomcat's folder `webapps`.

    A single WAR serves `/`. If there are several WARs, the path of each is its name, and `ROOT.war` serves `/` (AWS
    developer guide, "Bundling multiple WAR files for Tomcat environments").
    """
    wars = [file for file in unpacked.iterdir() if file.is_file() and file.suffix.lower() == ".war"]
    for war in wars:
        war.rename(webapps / f"{war.stem}.war")
    if not wars:
        unpacked.rename(webapps / "ROOT")
