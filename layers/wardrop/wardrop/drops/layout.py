"""Checks that a bundle has the files that the ending of its name requires."""

from collections.abc import Set

from wardrop.errors import Rejected

_OF_MACOS = "__MACOSX"


def check_layout(paths: Set[str], name: str) -> None:
    """Raises Rejected if required files are missing. A JAR may contain any files.

    `paths` are the paths of the entries.
    """
    if not paths:
        raise Rejected(f"{name} is an archive without files")
    folders = {path.split("/", 1)[0] for path in paths if "/" in path}
    match name[-4:].lower():
        case ".war":
            _check_war(paths, folders, name)
        case ".zip":
            top_level = {path.split("/", 1)[0] for path in paths} - {_OF_MACOS}
            _check_zip(top_level, folders, name)


def _check_war(paths: Set[str], folders: Set[str], name: str) -> None:
    if "WEB-INF" in folders:
        return
    wrapped = sorted(path for path in paths if "/WEB-INF/" in path)
    hint = f"; it is in {wrapped[0].partition('/WEB-INF/')[0]}" if wrapped else ""
    raise Rejected(f"{name} is not a web application, because it has no folder WEB-INF at its root{hint}")


def _check_zip(top_level: Set[str], folders: Set[str], name: str) -> None:
    if len(top_level) == 1 and top_level <= folders:
        raise Rejected(f"{name} contains only the folder {min(top_level)}; zip the folder's content, not the folder")
    visible = {entry for entry in top_level if not entry.startswith(".")}
    if len(visible) == 1 and (only := min(visible)).lower().endswith(".war") and only != "ROOT.war":
        raise Rejected(
            f"{name} contains only {only}, which Tomcat would not serve at /; "
            f"drop {only} itself, or name it ROOT.war in the archive"
        )
