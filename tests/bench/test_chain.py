"""The chain as people hold it."""

from __future__ import annotations

from typing import Any

import pytest

from workbench import MERGE, Policy, Scope, Workbench
from workbench.engine.errors import EditRefused, UnknownHook


def first(peer: Any, message: Any) -> None:
    """Do nothing, first."""


def second(peer: Any, message: Any) -> None:
    """Do nothing, second."""


def third(peer: Any, message: Any) -> None:
    """Do nothing, third."""


@pytest.fixture
def bench() -> Workbench:
    """Give a bench with two hooks; never started."""
    made = Workbench("crossws", name="lists")
    made.chain("message").attach(first)
    made.chain("message").attach(second)
    return made


def names(bench: Workbench) -> list[str]:
    """List the names of the hooks that run."""
    return [hook.name for hook in bench.chain("message")]


def test_it_reads_like_a_list(bench: Workbench) -> None:
    """Length, items, slices and membership are those of the hooks that run, in order."""
    chain = bench.chain("message")

    assert len(chain) == 2
    assert chain[0].name == "first"
    assert [hook.name for hook in chain[-1:]] == ["second"]
    meant: list[object] = ["first", first, chain[0], "h1"]
    assert all(reference in chain for reference in meant)
    assert chain.hooks[0] in chain
    others: list[object] = ["third", third, None]
    assert not any(reference in chain for reference in others)


def test_it_is_a_live_view(bench: Workbench) -> None:
    """A chain that was asked for once shows every later edit."""
    chain = bench.chain("message")

    chain.attach(third, before="first")
    assert names(bench) == [hook.name for hook in chain] == ["third", "first", "second"]


def test_attaching_a_name_again_replaces_in_place(bench: Workbench) -> None:
    """The id stays, the version goes up, and nothing is attached twice."""
    before = bench.chain("message")[0]

    after = bench.chain("message").attach(third, name="first")

    assert (after.id, after.version, after.function) == (before.id, 2, third)
    assert names(bench) == ["first", "second"]


def test_appending_puts_a_namesake_beside(bench: Workbench) -> None:
    """As the modelled systems' own calls do."""
    bench.chain("message").attach(third, name="first", append=True)

    assert names(bench) == ["first", "second", "first"]


def test_move_remove_enable_replace_and_clear_are_one_edit_each(bench: Workbench) -> None:
    """Each is published at once, and each can be undone by itself."""
    chain = bench.chain("message")
    revision = bench.revision

    chain.move("second", before="first")
    assert names(bench) == ["second", "first"]
    chain.move("second")
    assert names(bench) == ["first", "second"]
    chain.move("first", after=second)
    assert names(bench) == ["second", "first"]
    chain.enable("first", False)
    assert names(bench) == ["second"]
    assert [hook.name for hook in chain.hooks] == ["second", "first"]
    chain.replace("second", third)
    assert chain[0].function is third
    chain.remove("h1")
    chain.clear()
    assert chain.hooks == []
    assert bench.revision == revision + 7
    for _ in range(7):
        bench.undo()
    assert names(bench) == ["first", "second"]


def test_scope_and_policy_are_edits_too(bench: Workbench) -> None:
    """A policy is given whole or in parts."""
    chain = bench.chain("message")

    chain.set_policy(failure="contain")
    assert chain.policy.failure == "contain"
    chain.set_policy(reduce="merge")
    assert chain.policy == Policy("fold", MERGE, "contain")
    assert bench.board.journal[-1].python.endswith('set_policy(Policy("fold", MERGE, "contain"))')
    chain.set_policy(Policy("gather"))
    assert chain.policy == chain.point.policy == Policy("gather")
    chain.set_scope("first", Scope(frozenset({3})))
    assert names(bench) == ["second"]
    assert chain.why("first") == "first: only for some connections"


def test_the_printed_lines_do_what_was_done(bench: Workbench) -> None:
    """Running them against a fresh bench gives the same chain."""
    chain = bench.chain("message")
    chain.attach(third, after="first", name="renamed")
    chain.move("second", before="first")
    chain.enable("first", False)
    chain.set_policy(failure="contain")
    chain.set_scope("first", Scope(frozenset({3}), shadow=True))
    fresh = Workbench("crossws", name="fresh")
    space = {"made": fresh, "first": first, "second": second, "third": third, **_policy_words()}

    for entry in bench.board.journal:
        exec(entry.python, space)

    assert [hook.name for hook in fresh.chain("message").hooks] == [hook.name for hook in chain.hooks]
    assert names(fresh) == names(bench) == ["second", "renamed"]
    assert fresh.chain("message").policy == chain.policy
    assert fresh.chain("message").hooks[1].scope == Scope(frozenset({3}), shadow=True)


def _policy_words() -> dict[str, object]:
    import workbench

    return {name: getattr(workbench, name) for name in ("IGNORE", "Policy", "Scope")}


def test_why_says_place_and_reason(bench: Workbench) -> None:
    """For every hook, running or not."""
    chain = bench.chain("message")
    chain.move("second", before="first")
    chain.enable("first", False)

    assert chain.why("second") == f"1. second: moved before first in revision {bench.revision - 1}"
    assert chain.why("first") == "first: disabled"
    with pytest.raises(UnknownHook, match="frist"):
        chain.why("frist")


def test_mistakes_are_refused(bench: Workbench) -> None:
    """A hook goes to one place only, and must exist."""
    chain = bench.chain("message")

    with pytest.raises(EditRefused):
        chain.move("first", before="second", after="second")
    with pytest.raises(UnknownHook):
        chain.move("first", before="nobody")
    with pytest.raises(UnknownHook):
        bench.chain("open").remove("first")


def test_edits_outside_a_cell_are_by_api_and_know_file_and_line(bench: Workbench) -> None:
    """The origin of a hook is where its function is written."""
    hook = bench.chain("message")[0]

    assert bench.board.journal[0].author == "api"
    assert (hook.origin.kind, hook.origin.file) == ("file", __file__)
    assert hook.origin.line == first.__code__.co_firstlineno


def test_the_systems_own_calls_have_an_origin_too(bench: Workbench) -> None:
    """`define_hooks` attaches by itself, and still says from where."""
    bench.define_hooks(open=lambda peer: peer)

    assert bench.chain("open")[0].origin.file == __file__


def test_it_shows_itself_as_text_and_table(bench: Workbench) -> None:
    """Names and reasons are escaped: a hook may be called anything."""
    chain = bench.chain("message")
    chain.attach(third, name="<b>")
    chain.enable("first", False)

    assert repr(chain).startswith("<chain message: second -> <b>; ")
    html = chain._repr_html_()
    assert "<code>&lt;b&gt;</code>" in html
    assert "<td>off</td><td><code>first</code></td>" in html
    assert "disabled" in html
    assert "no hooks yet" in bench.chain("close")._repr_html_()
