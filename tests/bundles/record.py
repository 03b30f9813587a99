"""Makes the bundles of `recipes.py` with the real tools, and records each with the results of the real `unzip`.

NODE_PATH=FOLDER/node_modules python -m tests.bundles.record [NAME ...]
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bundles.every import RECORDED
from tests.bundles.recipes import APPLICATION, RECIPES
from tests.bundles.unzip import unzip


def main() -> None:
    """Makes the bundles that are named, or all bundles."""
    recorded = json.loads(RECORDED.read_text())
    for file in sys.argv[1:] or RECIPES:
        command, reason = RECIPES[file]
        with tempfile.TemporaryDirectory() as folder:
            content = make(Path(folder), file, command)
            exit_code, unpacked = unzip(content, Path(folder))
        recorded[file] = {
            "exit_code": exit_code,
            "unpacked": unpacked,
            "reason": reason,
            "content": base64.b64encode(content).decode(),
        }
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")


def make(folder: Path, file: str, command: str) -> bytes:
    for name, text in APPLICATION.items():
        path = folder / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    out = folder / "out" / file
    out.parent.mkdir()
    environment = {**os.environ, "OUT": str(out), "LC_ALL": "C.UTF-8", "GRADLE_USER_HOME": str(folder / "gradle")}
    ended = subprocess.run(["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, check=False)
    if ended.returncode:
        sys.exit(f"{file}: {ended.stderr.decode()}{ended.stdout.decode()}")
    return out.read_bytes()


if __name__ == "__main__":
    main()
