"""Fetch uv from PyPI with nothing but Python: for a machine whose Python came without venv and pip.

Usage: python install_uv.py VERSION FOLDER, which puts the program at FOLDER/uv.
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
    wanted = re.compile(rf"uv-{re.escape(version)}-py3-none-.*{libc}.*_{platform.machine()}(\..*)?\.whl")
    wheel = next(one for one in files if wanted.fullmatch(one["filename"]))
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:  # noqa: S310 - an address that PyPI gave
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit(f"{wheel['filename']} is not what PyPI says it is")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program = archive.read(member)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "uv"), "wb", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write(program)


if __name__ == "__main__":
    main(*sys.argv[1:])
