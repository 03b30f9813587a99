"""The command `wardrop` on the stand-in: it follows drops and requests to their ends, and shows their deployments."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from local.beanstalk.seed import sound_war
from tests.command_schemas import documents
from tests.integration.shop import APPLICATION, PROD, STAGING, Shop, archive
from wardrop_cli.__main__ import run
from wardrop_cli.aws import uploads
from wardrop_cli.exit_codes import ExitCode

UNSOUND = {"WEB-INF/web.xml": "<web-app/>", "by": "the command"}


@pytest.fixture(autouse=True)
def credentials(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "AWS_ENDPOINT_URL": shop.cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "WARDROP_STACK"):
        monkeypatch.delenv(name, raising=False)


def bundle(folder: Path, name: str, content: bytes | None = None) -> str:
    path = folder / name
    path.write_bytes(content or sound_war(name))
    return str(path)


def document(verb: str, text: str) -> Any:
    """The document that the verb printed. Fails if it does not match the schema of the verb."""
    printed = json.loads(text)
    jsonschema.Draft202012Validator(json.loads(documents()[verb])).validate(printed)
    return printed


def states(shop: Shop, environment: str) -> list[str]:
    return [str(each.state) for each in shop.ledger.environments.read(environment).deployments]


def test_a_drop_is_followed_to_its_end_and_shown_in_the_history_the_status_and_the_log(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bundle(tmp_path, "command-1.war")
    dropped = run(["drop", file, "--env", STAGING, "--wait", "--dropped-by", "Jürgen", "--label", "stated-1"])
    output = capsys.readouterr()
    assert dropped == ExitCode.SUCCESS, output
    assert f"stated-1 to {STAGING}: succeeded" in output.out
    assert "Environment update completed successfully." in output.out
    assert shop.instances(STAGING) == ["stated-1"] * 2
    assert run(["history", STAGING]) == ExitCode.SUCCESS
    history = capsys.readouterr().out
    assert "stated-1 succeeded" in history
    assert "dropped by Jürgen (as stated)" in history
    for arguments in (["status"], ["status", APPLICATION], ["status", STAGING]):
        assert run(arguments) == ExitCode.SUCCESS
        assert re.search(rf"{STAGING} +stated-1", capsys.readouterr().out)
    for verb, arguments in (("status", []), ("history", [STAGING]), ("logs", [STAGING])):
        assert run([verb, *arguments, "--json"]) == ExitCode.SUCCESS
        document(verb, capsys.readouterr().out)
    assert run(["logs", STAGING]) == ExitCode.SUCCESS
    assert "Completed Application update" in capsys.readouterr().out


def test_a_drop_that_is_rolled_back_has_its_own_exit_code_and_the_deployment_in_its_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = bundle(tmp_path, "command-good-1.war")
    assert run(["drop", good, "--env", STAGING, "--wait"]) == ExitCode.SUCCESS
    capsys.readouterr()
    bad = bundle(tmp_path, "command-bad-1.war", archive(UNSOUND))
    assert run(["drop", bad, "--env", STAGING, "--wait", "--json"]) == ExitCode.ROLLED_BACK
    printed = document("drop", capsys.readouterr().out)
    [followed] = printed["deployments"]
    assert followed["deployment"]["state"] == "rolled_back"
    deployment = followed["deployment"]["id"]
    assert run(["logs", deployment, "--json"]) == ExitCode.SUCCESS
    assert document("logs", capsys.readouterr().out)["deployment"] == deployment


def test_a_rollback_and_a_deployment_are_followed_to_their_ends(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("followed-1.war", "followed-2.war"):
        assert run(["drop", bundle(tmp_path, name), "--env", STAGING, "--wait"]) == ExitCode.SUCCESS
    capsys.readouterr()
    assert run(["rollback", STAGING, "--wait"]) == ExitCode.SUCCESS
    assert f"followed-1 to {STAGING}: succeeded" in capsys.readouterr().out
    assert shop.instances(STAGING) == ["followed-1"] * 2
    assert run(["deploy", STAGING, "followed-2", "--wait", "--json"]) == ExitCode.SUCCESS
    [followed] = document("deploy", capsys.readouterr().out)["deployments"]
    assert (followed["deployment"]["label"], followed["deployment"]["state"]) == ("followed-2", "succeeded")


def test_a_drop_names_its_promotion_which_can_be_approved_and_followed(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.configure(APPLICATION, f"environments: [{{name: {STAGING}, bake: 0s}}, {{name: {PROD}, bake: 0s}}]")
    assert run(["drop", bundle(tmp_path, "promoted-1.war"), "--app", APPLICATION, "--wait"]) == ExitCode.SUCCESS
    assert f" for {PROD}, and --wait does not follow it there. Next: wardrop " in capsys.readouterr().out
    shop.cloud.eventually(lambda: "awaiting_approval" in states(shop, PROD))
    assert run(["approve", PROD, "promoted-1", "--wait"]) == ExitCode.SUCCESS
    assert shop.instances(PROD) == ["promoted-1"] * 4


def test_a_plan_of_ebextensions_files_changes_nothing(
    shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.environment(STAGING)["DateUpdated"]
    folder = tmp_path / ".ebextensions"
    folder.mkdir()
    option = "option_settings:\n  aws:autoscaling:launchconfiguration:\n    InstanceType: m5.large\n"
    (folder / "type.config").write_text(option)
    (tmp_path / "type.json").write_text('{"option_settings": {"aws:autoscaling:asg": {"MaxSize": 8}}}')
    assert run(["plan", STAGING, "--file", str(folder), "--json"]) in (ExitCode.REPLACES, ExitCode.CANNOT_TELL)
    planned = document("plan", capsys.readouterr().out)
    assert ("aws:autoscaling:launchconfiguration:InstanceType", "type.config") in [
        (change["subject"], change["file"].rpartition("/")[2]) for change in planned["changes"]
    ]
    assert run(["plan", STAGING, "--file", str(tmp_path / "type.json")]) == ExitCode.SUCCESS
    assert "aws:autoscaling:asg:MaxSize" in capsys.readouterr().out
    assert shop.environment(STAGING)["DateUpdated"] == before


def test_a_file_that_the_stack_rejects_ends_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = bundle(tmp_path, "hostile-1.war", archive({"WEB-INF/web.xml": "<web-app/>", "../x": "x"}))
    assert run(["drop", hostile, "--env", STAGING, "--wait"]) == ExitCode.REJECTED
    assert "Wardrop rejected the file: " in capsys.readouterr().err


def test_a_large_file_is_uploaded_in_parts_and_an_interrupted_upload_leaves_no_parts(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 5 * 2**20)
    padding = bytes(range(256)) * (6 * 2**20 // 256)
    content = archive({"WEB-INF/web.xml": "<web-app/>", "../x": padding})
    file = bundle(tmp_path, "large-1.war", content)
    assert run(["drop", file, "--env", STAGING]) == ExitCode.SUCCESS
    key = f"{APPLICATION}/{STAGING}/large-1.war"
    assert shop.s3.head_object(Bucket=shop.bucket, Key=key)["ContentLength"] == len(content)
    capsys.readouterr()
    monkeypatch.setattr(uploads.Upload, "_part", _interrupted)
    assert run(["drop", file, "--env", STAGING]) == ExitCode.INTERRUPTED
    assert "nothing was dropped" in capsys.readouterr().err
    assert shop.s3.list_multipart_uploads(Bucket=shop.bucket).get("Uploads", []) == []


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("variables", "arguments", "code", "text"),
    [
        ({}, ["status", "shop-prd"], 8, "Did you mean shop-prod?"),
        ({}, ["history", "shop-stagin"], 8, "Did you mean shop-staging?"),
        ({}, ["status", "--stack", "wordrap"], 9, "there is no stack 'wordrap' in us-east-1"),
        ({"AWS_REGION": "eu-west-1"}, ["status"], 9, "there is no stack 'wardrop' in eu-west-1"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, ["status"], 9, "may not send requests"),
        ({"AWS_ENDPOINT_URL": "http://localhost:9"}, ["status"], 9, "AWS cannot be reached"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, ["status"], 9, "AWS cannot be reached"),
        ({"AWS_PROFILE": "nobody"}, ["status"], 9, "The config profile (nobody) could not be found"),
        ({}, ["drop", "/none.war"], 2, "here is no file /none.war"),
    ],
)
def test_bad_input_prints_one_line_and_has_the_documented_exit_code(
    variables: dict[str, str],
    arguments: list[str],
    code: int,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run(arguments) == code
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), text.lower() in err.lower()) == ("", 1, True), err
