"""A copy of the project in the layout that mutmut expects."""

import ast
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".mutants"
MUTANTS = COPY / "mutants"
"""The copy of the copy that mutmut writes, with all mutants in it."""

PACKAGE = Path("layers/wardrop/wardrop")
SOURCE = Path("src/wardrop")
"""mutmut derives the name of a module from its path, and ignores no other folder than `src`."""

SUBJECTS = ("deployments", "health", "versions")
TESTS = (
    *(f"tests/unit/{subject}" for subject in (*SUBJECTS, "commands", "drops", "guard")),
    "tests/unit/test_shown_texts.py",
)
OPTIONS = ("-q", "-p", "no:cacheprovider", "-o", "pythonpath=src .", "--hypothesis-profile=mutants")


def rules() -> list[str]:
    """The modules of the subjects without I/O: those that import no adapter."""
    modules = (path for subject in SUBJECTS for path in sorted((ROOT / PACKAGE / subject).glob("*.py")))
    return [str(SOURCE / path.relative_to(ROOT / PACKAGE)) for path in modules if not _imports_adapters(path)]


def _imports_adapters(path: Path) -> bool:
    imports = (node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom))
    return any(module is not None and module.startswith("wardrop.aws") for module in imports)


def write() -> None:
    """Copies the files that git knows."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = Path(name)
        target = COPY / (SOURCE / path.relative_to(PACKAGE) if path.is_relative_to(PACKAGE) else path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target, follow_symlinks=False)
    link = COPY / PACKAGE
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to("../../src/wardrop")
    _configure()


def _configure() -> None:
    quoted = {
        "source_paths": ["src"],
        "only_mutate": rules(),
        "also_copy": [path.name for path in COPY.iterdir() if path.name not in (".git", "mutants", "src", "tests")],
        "pytest_add_cli_args": list(OPTIONS),
        "pytest_add_cli_args_test_selection": list(TESTS),
    }
    lines = [f"{key} = {list(map(str, values))!r}" for key, values in quoted.items()]
    lines += ["use_git_change_detection = false", "track_dependencies = false"]
    with (COPY / "pyproject.toml").open("a") as file:
        file.write("\n".join(["", "[tool.mutmut]", *lines, ""]))
