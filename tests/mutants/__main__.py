"""`make mutants` changes one expression of the rules at a time, and runs the unit tests that call the changed function.

A change that no test notices survives. Either a test is missing, or the change makes no difference. The file
`no_difference.toml` lists the changes of the second kind. The command fails if other changes survive.
"""

import subprocess
import sys
from pathlib import Path

from tests.mutants import copy_of_project, forks
from tests.mutants.report import Report


def main() -> int:
    copy_of_project.write()
    # mutmut writes all mutants, and finds out which tests call which function, before it runs the mutants that it is
    # asked for: those of the smallest module.
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run", "wardrop.deployments.ids.*"], cwd=copy_of_project.COPY, check=True)
    plugin = ["-s", "-p", "tests.mutants.forks"]
    pytest = [sys.executable, "-m", "pytest", *plugin, *copy_of_project.OPTIONS, *copy_of_project.TESTS]
    subprocess.run(pytest, cwd=copy_of_project.MUTANTS, check=True)
    report = Report.of(forks.outcomes(copy_of_project.MUTANTS))
    report.show()
    return 1 if report.unexplained() else 0


if __name__ == "__main__":
    sys.exit(main())
