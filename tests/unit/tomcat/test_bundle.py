from pathlib import Path

import pytest

from local.tomcat.bundle import arrange


def arranged(folder: Path, *names: str) -> set[str]:
    """The paths below `webapps` that come from a bundle with these files."""
    unpacked, webapps = folder / "unpacked", folder / "webapps"
    unpacked.mkdir()
    webapps.mkdir()
    for name in names:
        (unpacked / name).write_text(name)
    arrange(unpacked, webapps)
    return {str(path.relative_to(webapps)) for path in webapps.rglob("*") if path.is_file()}


@pytest.mark.parametrize("names", [[], ["index.jsp"], ["index.jsp", "notes.war.txt"]])
def test_a_bundle_without_wars_is_one_war(tmp_path, names):
    assert arranged(tmp_path, *names) == {f"ROOT/{name}" for name in names}
    assert (tmp_path / "webapps/ROOT").is_dir()


def test_several_wars_have_their_names_as_paths_and_other_files_are_left_out(tmp_path):
    assert arranged(tmp_path, "ROOT.war", "shop.war", "README.txt") == {"ROOT.war", "shop.war"}


def test_tomcat_gets_the_ending_that_it_looks_for(tmp_path):
    assert arranged(tmp_path, "Shop.WAR") == {"Shop.war"}
