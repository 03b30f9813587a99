"""Reads facts from git. Without git, or outside of a working copy, no facts are known."""

import re
import subprocess

SECONDS = 5
MOST_COMMITS = 20


def commit() -> str | None:
    return _output("rev-parse", "--verify", "HEAD") or None


def subjects_since(base: str) -> str | None:
    """The subjects of the commits since `base`, the newest first. None: there are none, or git does not know `base`."""
    if not re.fullmatch(r"[0-9a-f]{7,64}", base):
        return None
    log = _output("log", "--no-merges", f"--max-count={MOST_COMMITS}", "--format=%s", f"{base}..HEAD", "--")
    return "; ".join(log.splitlines()) or None


def _output(*arguments: str) -> str:
    """The output of git. It is empty if git fails, because the file can be dropped without its history."""
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=SECONDS, check=True, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
