"""The screens of `wardrop config`."""

from dataclasses import replace

import pytest

from tests.unit.cli.rendering import rendered
from wardrop_cli.answers import Configuration
from wardrop_cli.configuration import Checked, ShownConfiguration, file_of
from wardrop_cli.screens.configuration import checked_screen, document_screen, pushed_screen

SHOP = Configuration("shop", "/wardrop/applications/shop", "document", version=3)
TEXT = 'environments:\n  - name: shop-prod   # [bold]x[/bold]\n    freeze: ["Fri 16:00 - Mon 08:00 Asia/Seoul"]\n'


def shown(configuration: Configuration, document: str | None) -> str:
    return rendered(document_screen(ShownConfiguration(configuration, document)), 120)


def test_the_output_of_show_is_a_file_that_push_accepts() -> None:
    file = file_of(shown(SHOP, TEXT))
    assert (file.text, file.version, file.parameter) == (TEXT, 3, "/wardrop/applications/shop")


def test_a_fault_is_a_comment_before_the_last_good_document() -> None:
    output = shown(replace(SHOP, source="last_good", error="not YAML"), TEXT)
    assert output.splitlines()[1] == "# The document in the parameter is not in force: not YAML"
    assert file_of(output).version == 3


@pytest.mark.parametrize(("source", "text"), [("defaults", "the defaults are in force"), ("held", "are held")])
def test_without_a_document_the_reason_is_a_comment(source: str, text: str) -> None:
    output = shown(replace(SHOP, source=source, version=None), None)
    assert text in output
    assert all(line.startswith("# ") for line in output.splitlines())


def test_control_characters_of_a_document_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in shown(SHOP, "a: \x1b[31mred\n")


def test_the_result_of_a_check_names_the_environments_or_the_problem() -> None:
    valid = rendered(checked_screen(Checked("shop", None, ["shop-staging", "shop-prod"]), "shop.yaml"), 120)
    assert valid == "shop.yaml is valid for shop. It configures shop-staging, shop-prod.\n"
    invalid = rendered(checked_screen(Checked("shop", "not YAML"), "shop.yaml"), 120)
    assert invalid == "shop.yaml is not valid for shop: not YAML.\n"


def test_a_document_that_was_already_stored_is_not_called_stored_again() -> None:
    assert "nothing was stored" in rendered(pushed_screen("/x", 3, changed=False), 120)
    assert "is stored" in rendered(pushed_screen("/x", 4, changed=True), 120)


def test_a_stored_document_is_not_said_to_apply_to_deployments_that_already_wait() -> None:
    text = rendered(pushed_screen("/x", 4, changed=True), 200)
    assert "applies to deployments that are queued from now on" in text
    assert "A deployment that already waits keeps the rules that were in force when it was queued" in text
