"""Moto's own tests of Beanstalk and SQS, from its source distribution, on the stand-in's Beanstalk and SQS."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from local.settings import ROOT

pytestmark = pytest.mark.real

MOTO = ROOT / ".tools/moto"
SUITE = ("tests/test_elasticbeanstalk", "tests/test_sqs/test_sqs.py")
DEVIATIONS = yaml.safe_load(Path(__file__).with_name("moto_deviations.yaml").read_text())
SECONDS = 400


def test_only_the_listed_tests_of_moto_fail() -> None:
    path = os.pathsep.join(map(str, [Path(__file__).parent, ROOT, MOTO, MOTO / "packages"]))
    pytest_alone = [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "moto_suite", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [*pytest_alone, "-o", "addopts=", "--tb=no", *SUITE],
        cwd=MOTO,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    failed = re.findall(r"^(?:FAILED|ERROR) tests/(\S+)", ended.stdout, re.MULTILINE)
    assert sorted(failed) == sorted(DEVIATIONS), ended.stdout + ended.stderr
    assert int(re.findall(r"(\d+) passed", ended.stdout)[-1]) > 150, ended.stdout
