"""The ending of a bundle's name decides how its content is checked."""

from tests.unit.drops.samples import read, refusal
from tests.unit.samples import archive


def test_a_zip_with_several_wars_is_accepted():
    read(archive({"a.war": b"x", "b.war": b"x"}), "shop-1.0.zip")


def test_a_jar_may_contain_anything():
    read(archive({"META-INF/MANIFEST.MF": b"", "Main.class": b""}), "shop-1.0.jar")


def test_the_folder_that_macos_adds_is_not_counted():
    assert "contains only the folder" in refusal(archive({"shop/a": b"", "__MACOSX/x": b""}), "shop.zip")


def test_a_war_without_web_inf_is_rejected():
    assert "it has no folder WEB-INF at its root" in refusal(archive({"index.html": b""}))


def test_a_war_with_a_file_named_web_inf_is_rejected():
    assert "it has no folder WEB-INF at its root" in refusal(archive({"WEB-INF": b""}))


def test_a_war_inside_a_folder_is_rejected_with_where_its_web_inf_is():
    assert refusal(archive({"shop/WEB-INF/web.xml": b""})).endswith("; it is in shop")


def test_a_zip_around_one_folder_is_rejected_with_what_to_zip_instead():
    reason = refusal(archive({"shop/a.html": b"", "shop/b/c.html": b""}), "shop.zip")
    assert "contains only the folder shop; zip the folder's content" in reason


def test_a_zip_around_one_war_is_rejected_with_what_to_do_instead():
    reason = refusal(archive({"shop-1.0.war": b"x"}), "shop.zip")
    assert "drop shop-1.0.war itself, or name it ROOT.war" in reason


def test_a_zip_of_hidden_files_and_one_war_is_rejected():
    reason = refusal(archive({"shop.war": b"x", ".ebextensions/a.config": b""}), "shop.zip")
    assert "contains only shop.war" in reason


def test_an_empty_archive_is_rejected():
    assert "an archive without files" in refusal(archive({}))
