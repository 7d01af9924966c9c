"""What workbench.dialects.feathers.routing promises."""

from __future__ import annotations

from workbench.dialects.feathers.routing import Found, Router, stripped


def test_a_path_leads_to_its_target_with_an_id_or_without() -> None:
    """Slashes around it don't count, and ids stay as they came (R82, R90)."""
    router: Router[str] = Router()
    router.insert("messages", "M")
    router.insert("/", "root")

    assert router.lookup("/messages/") == Found("M", None, {})
    assert router.lookup("messages/a%20b") == Found("M", "a%20b", {})
    assert router.lookup("messages/1/2") is None
    assert router.lookup("Messages/1") is None
    assert router.lookup("/") == Found("root", None, {})
    assert stripped("//a/b//") == "a/b"


def test_what_is_spelt_out_beats_a_placeholder() -> None:
    """R84; and the first placeholder that leads somewhere is taken."""
    router: Router[str] = Router()
    router.insert("users/:userId/echo", "echo")
    router.insert("users/me/echo", "me")
    router.insert("users/:name/notes", "notes")

    assert router.lookup("users/9/echo/4") == Found("echo", "4", {"userId": "9"})
    assert router.lookup("users/me/echo") == Found("me", None, {})
    assert router.lookup("users/me/notes") == Found("notes", None, {"name": "me"})
    assert router.lookup("users//echo") is None


def test_a_removed_path_leads_nowhere() -> None:
    """Others stay; what is unknown is no fault."""
    router: Router[str] = Router()
    router.insert("users/:id/a", "a")
    router.insert("users/:id/b", "b")
    for path in ("users/:id/a", "users/:id/a", "nowhere/at/all", "x/:y"):
        router.remove(path)

    assert router.lookup("users/1/a") is None
    assert router.lookup("users/1/b") == Found("b", None, {"id": "1"})


def test_case_may_be_passed_over() -> None:
    """Of what is spelt out; placeholders keep theirs."""
    router: Router[str] = Router(case_sensitive=False)
    router.insert("Users/:Id/Notes", "N")

    assert router.lookup("uSERS/Ann/notes") == Found("N", None, {"Id": "Ann"})
