"""The third-party packages of the layer: the files that are kept, and the hashes of the packages."""

import ast
import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.samples import ROOT

LAYER = ROOT / "layers/dependencies"
CLIENTS = ROOT / "layers/wardrop/wardrop/aws/clients.py"


@pytest.fixture
def trim() -> ModuleType:
    specification = importlib.util.spec_from_file_location("trim", LAYER / "trim.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_layer_keeps_the_models_of_exactly_the_services_that_have_a_client(trim: ModuleType) -> None:
    calls = [node for node in ast.walk(ast.parse(CLIENTS.read_text())) if isinstance(node, ast.Call)]
    made = [call.args[0] for call in calls if ast.unparse(call.func) == "_client"]
    assert sorted({service.value for service in made if isinstance(service, ast.Constant)}) == list(trim.SERVICES)


def test_every_package_is_installed_with_hashes() -> None:
    requirements = (LAYER / "requirements.txt").read_text().replace("\\\n", "").splitlines()
    assert len(requirements) >= 10
    for requirement in requirements:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( +--hash=sha256:[0-9a-f]{64})+", requirement)


def installed(folder: Path, *left_out: str) -> Path:
    """A folder with the parts that the layer keeps, and with some that it does not."""
    kept = ["botocore/data/_retry.json", "botocore/data/endpoints.json", "botocore/data/partitions.json"]
    kept += ["botocore/data/sdk-default-configuration.json", "aws_lambda_powertools/utilities/__init__.py"]
    kept += ["aws_lambda_powertools/utilities/jmespath_utils/__init__.py"]
    kept += ["aws_lambda_powertools/utilities/typing/__init__.py", "slack_sdk/web/client.py", "yaml/loader.py"]
    services = [
        "cloudwatch",
        "dynamodb",
        "elasticbeanstalk",
        "lambda",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "ec2",
    ]
    kept += [f"botocore/data/{service}/1/{name}-1.json" for service in services for name in ("service", "examples")]
    unused = ["_yaml/__init__.py", "aws_lambda_powertools/event_handler/api.py", "bin/tool", "slack/__init__.py"]
    unused += [f"slack_sdk/{name}/a.py" for name in ("audit_logs", "oauth", "rtm", "rtm_v2", "scim", "socket_mode")]
    unused += [
        "yaml/_yaml.cpython-313-x86_64-linux-gnu.so",
        "msgspec/__init__.pyi",
        "aws_lambda_powertools/utilities/batch/a.py",
    ]
    for name in {*kept, *unused} - set(left_out):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_what_the_functions_do_not_use_is_deleted(trim: ModuleType, tmp_path: Path) -> None:
    folder = installed(tmp_path)
    trim.trim(folder)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert "botocore/data/s3/1/service-1.json" in files
    assert {"slack_sdk/web/client.py", "yaml/loader.py", "botocore/data/endpoints.json"} <= files
    assert not [name for name in files if re.search(r"ec2|examples|event_handler|batch|_yaml|oauth|\.pyi|bin/", name)]


@pytest.mark.parametrize(
    "part", ["botocore/data/endpoints.json", "slack/__init__.py", "aws_lambda_powertools/utilities/typing/__init__.py"]
)
def test_a_package_that_was_rearranged_fails_the_build(trim: ModuleType, tmp_path: Path, part: str) -> None:
    with pytest.raises(FileNotFoundError):
        trim.trim(installed(tmp_path, part))


def test_the_bill_of_materials_lists_exactly_the_packages_of_the_layer(tmp_path: Path) -> None:
    """CycloneDX requires the format, its version and a name and type for each component."""
    subprocess.run(["make", "sbom", f"SBOM={tmp_path / 'sbom.json'}"], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    listed = {component["purl"]: component for component in bill["components"]}
    assert all(component["type"] == "library" for component in listed.values())
    installed_packages = re.findall(r"^([a-z0-9-]+)==(\S+)", (LAYER / "requirements.txt").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(f"pkg:pypi/{name}@{version}" for name, version in installed_packages)
    for component in listed.values():
        hashes = [each["hashes"] for each in component["externalReferences"] if each["type"] == "distribution"]
        assert hashes
        assert all(any(entry["alg"] == "SHA-256" for entry in group) for group in hashes)
