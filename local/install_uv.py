"""Installs uv from PyPI on a machine whose Python has neither venv nor pip.

Usage: `python install_uv.py VERSION FOLDER` writes the program to FOLDER/uv.
"""

import hashlib
import io
import json
import os
import platform
import re
import sys
import urllib.request
import zipfile


def main(version: str, folder: str) -> None:
    index = urllib.request.Request(
        "https://pypi.org/simple/uv/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(index, timeout=60) as answer:  # noqa: S310 - https
        files = json.load(answer)["files"]
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    name_pattern = re.compile(rf"uv-{re.escape(version)}-py3-none-.*{libc}.*_{platform.machine()}(\..*)?\.whl")
    wheel = next(file for file in files if name_pattern.fullmatch(file["filename"]))
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:  # noqa: S310 - the address is from PyPI
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit(f"{wheel['filename']} does not have the SHA-256 that PyPI lists")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program = archive.read(member)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "uv"), "wb", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write(program)


if __name__ == "__main__":
    main(*sys.argv[1:])
