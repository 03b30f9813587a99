"""Fetch uv from PyPI with nothing but Python: for a machine whose Python came without venv and pip.

Usage: python install_uv.py VERSION FOLDER, which puts the program at FOLDER/uv.
"""

import hashlib
import io
import json
import os
import platform
import sys
import urllib.request
import zipfile


def main(version: str, folder: str) -> None:
    with urllib.request.urlopen(f"https://pypi.org/pypi/uv/{version}/json", timeout=60) as answer:
        files = json.load(answer)["urls"]
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    machine = platform.machine()
    wheel = next(one for one in files if libc in one["filename"] and f"_{machine}.whl" in one["filename"])
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:  # noqa: S310 - an address that PyPI gave
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        sys.exit(f"{wheel['filename']} is not what PyPI says it is")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program = archive.read(member)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "uv"), "wb", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write(program)


if __name__ == "__main__":
    main(*sys.argv[1:])
