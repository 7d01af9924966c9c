"""Drafts: what becomes of a text, and what is said where nothing can become of it."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import Workbench
from workbench.bench.drafts import BadDraft, Draft, NotEditable, compile_draft, line_of, remember

LIMIT = 3
bench = Workbench("crossws", name="drafts")


def twice(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the result twice."""

    @functools.wraps(function)
    def doubled(*arguments: Any) -> Any:
        return [function(*arguments)] * 2

    return doubled


def plain(peer: Any, message: Any) -> Any:
    """Be a function of a module."""
    return peer, message


def counting(counter: list[str]) -> Callable[..., Any]:
    """Give a function that closes over two variables of its own."""
    number = 0

    def count(_peer: Any, message: Any) -> int:
        nonlocal number
        number += 1
        counter.append(message)
        return number

    return count


class Base:
    """Has a method to build on."""

    def greet(self, name: str) -> str:
        """Say hello."""
        return f"hello {name}"


class Polite(Base):
    """Has a method to write anew, and a member with two underscores."""

    __title = "Dr"

    def greet(self, name: str) -> str:
        """Say it politely."""
        return super().greet(name)


class Quiet(Polite):
    """Inherits the method that is written anew."""


def draft(text: str, old: Any = plain, name: str = "shout", version: int = 2) -> Draft:
    """Compile a draft."""
    return compile_draft(text, old, name=name, version=version)


def problem(text: str, old: Any = plain) -> tuple[int, int, str]:
    """Compile a draft that has a problem."""
    with pytest.raises(BadDraft) as found:
        draft(text, old)
    (one,) = found.value.problems
    return one.line, one.column, one.message


def test_a_draft_sees_the_globals_of_the_function_whose_place_it_takes() -> None:
    """The module's own, not a copy of them."""
    made = draft("def shout(peer, message):\n    return LIMIT, plain(peer, message)\n")

    assert made.function("p", "m") == (3, ("p", "m"))
    assert made.function.__globals__ is globals()
    assert made.function.__module__ == __name__


def test_a_draft_shares_the_variables_that_the_old_function_closed_over() -> None:
    """What either of them assigns, the other sees."""
    counter: list[str] = []
    old = counting(counter)
    made = draft("def count(peer, message):\n    nonlocal number\n    number += 10\n    return number\n", old)

    assert [old("p", "m"), made.function("p", "m"), old("p", "m")] == [1, 11, 12]
    assert made.function.__qualname__ == "counting.<locals>.count"


def test_defaults_and_keyword_only_parameters_are_those_of_the_draft() -> None:
    """They are evaluated once, among the old function's variables."""
    counter = ["kept"]
    made = draft(
        "def count(peer, message='hi', *, into=counter, limit: int = LIMIT):\n"
        "    return message, into, limit\n",
        counting(counter),
    )

    message, into, limit = made.function("p")
    assert (message, limit) == ("hi", 3)
    assert into is counter
    assert set(made.function.__annotations__) == {"limit"}


def test_a_draft_may_wait_where_the_old_function_did_not() -> None:
    """An async def takes the place of a def."""
    made = draft("async def shout(peer, message):\n    return message\n")

    assert inspect.iscoroutinefunction(made.function)
    assert asyncio.run(made.function("p", "m")) == "m"


def test_a_draft_that_calls_itself_calls_itself() -> None:
    """Its own name means the draft, at the top of a module and inside a function."""
    text = "def {0}(peer, message):\n    return 0 if not message else 1 + {0}(peer, message[1:])\n"

    assert draft(text.format("plain")).function("p", "abc") == 3
    assert draft(text.format("fresh")).function("p", "abc") == 3

    def nested(_peer: Any, _message: Any) -> Any:
        return nested

    assert draft(text.format("nested"), nested).function("p", "abc") == 3


def test_a_variable_of_the_drafts_name_is_compared_with_nothing() -> None:
    """It may be an object that does not like to be compared."""

    class Odd:
        def __eq__(self, other: object) -> bool:
            raise TypeError("compared")

        __hash__ = None  # type: ignore[assignment]

    space: dict[str, Any] = {"shout": Odd()}
    exec("def old(peer): pass", space)

    made = draft("def shout(peer):\n    return shout\n", space["old"])

    assert made.function("p") is space["shout"]


def test_a_method_stays_the_method_of_its_object() -> None:
    """With self, super() and names that two underscores make private."""
    one = Quiet()
    text = "def greet(self, name):\n    return super().greet(self.__title + ' ' + name)\n"

    made = draft(text, one.greet)

    assert made.function.__self__ is one
    assert made.function("Who") == "hello Dr Who"
    again = draft("def greet(self, name):\n    return super().greet(name) + '!'\n", made.function)
    assert again.function("Who") == "hello Who!"


def test_decorators_that_attach_are_left_out_and_others_are_called() -> None:
    """The hook is attached already; what wraps it goes on wrapping it."""
    decorators = '@bench.hook("message")\n@twice\n@bench.chain("message").attach\n'

    made = draft(f"{decorators}def shout(peer, message):\n    return 7\n")

    assert made.function("p", "m") == [7, 7]
    assert made.kept == ("@twice",)
    assert made.left_out == ("@bench.hook('message')", "@bench.chain('message').attach")
    assert list(bench.chain("message")) == []


def test_a_bench_that_is_out_of_sight_is_known_by_its_decorator() -> None:
    """A function that made its bench in another function does not hold it."""
    made = draft('@server.hook("message")\ndef shout(peer, message):\n    return 7\n')

    assert made.left_out == ("@server.hook('message')",)


def test_the_text_under_a_decorator_is_what_is_written_anew() -> None:
    """A decorated function is edited inside of its decorators."""
    made = draft("def plain(peer, message):\n    return message\n", twice(plain))

    assert made.function("p", "m") == "m"
    assert made.function.__globals__ is globals()


def test_tracebacks_and_getsource_show_the_text_of_a_live_draft() -> None:
    """Under a name that tells hook and version; another text of that name gets another."""
    text = "def shout(peer, message):\n    return message.nothing\n"
    made = draft(text, name="told", version=3)
    remember(made)

    assert made.file == "<told, version 3>"
    assert inspect.getsource(made.function) == text
    with pytest.raises(AttributeError) as error:
        made.function("p", "m")
    assert line_of(error.value, made.file) == 2
    assert line_of(error.value, "elsewhere.py") is None
    assert draft(text, name="told", version=3).file == "<told, version 3>"
    assert draft(text + "\n", name="told", version=3).file == "<told, version 3 (2)>"


def test_an_indented_text_is_a_draft_too() -> None:
    """As it stands inside another function."""
    assert draft("    def shout(peer, message):\n        return 5\n").function("p", "m") == 5


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "The draft is empty"),
        ("# only a remark\n", 1, 1, "The draft is empty"),
        ("def shout(peer, message:\n    pass\n", 1, 10, "SyntaxError: '(' was never closed"),
        ("def shout(peer, message):\npass\n", 2, 1, "IndentationError: expected an indented block"),
        ("def shout(peer):\n    return await peer\n", 2, 12, "'await' outside async function"),
        ("def shout(peer):\n    nonlocal zzz\n", 2, 5, "no binding for nonlocal 'zzz' found"),
        ("import os\ndef shout(peer):\n    pass\n", 1, 1, "A draft is one function"),
        ("def shout(peer):\n    pass\n\nx = 1\n", 4, 1, "A draft is one function"),
        ("def a(peer):\n    pass\n  \n\ndef b(peer):\n    pass\n", 5, 1, "A draft is one function"),
        ("def shout(peer, by=zzz):\n    pass\n", 1, 1, "NameError: name 'zzz' is not defined"),
        ("@twice\n@zzz\ndef shout(peer):\n    pass\n", 2, 1, "NameError: name 'zzz' is not defined"),
        ("@int\ndef shout(peer):\n    pass\n", 2, 1, "TypeError: int() argument"),
        ("@vars\ndef shout(peer):\n    pass\n", 2, 1, "the decorators make a dict of it"),
        ("\x00", 1, 1, "null bytes"),
        ("def shout(): '\ud800'\n", 1, 1, "This is no Python text"),
        ("x = " + "-" * 100_000 + "1", 1, 1, "This is no Python text"),
    ],
)
def test_a_draft_with_a_mistake_is_answered_with_its_place(
    text: str, line: int, column: int, says: str
) -> None:
    """Line and column in the draft, and one message."""
    found = problem(text)

    assert found[:2] == (line, column), found
    assert says in found[2]


@pytest.mark.parametrize("old", [functools.partial(plain, 1), print, Polite, Polite()])
def test_what_is_no_function_is_not_edited(old: Any) -> None:
    """An object with no text of its own keeps its place, and it is said why."""
    with pytest.raises(NotEditable, match="only functions are edited"):
        draft("def shout(peer, message): pass", old)


def test_what_the_old_module_imported_from_the_future_counts_in_the_draft() -> None:
    """Annotations of this module are texts, so a draft of one of its functions has texts too."""
    made = draft("def shout(peer: Zzz, message: 1 / 0):\n    return 1\n")

    assert made.function.__annotations__ == {"peer": "Zzz", "message": "1 / 0"}


def test_a_variable_that_nothing_was_assigned_to_is_still_shared() -> None:
    """The draft sees it as soon as somebody assigns it."""
    if not bench.running:
        later = None
        del later

    def old(_peer: Any) -> Any:
        return later

    made = draft("def old(peer):\n    return later * 2\n", old)

    later = 4
    assert made.function("p") == old("p") * 2 == 8


@given(st.text(max_size=60))
def test_no_text_makes_the_compiler_fail(text: str) -> None:
    """It becomes a function, or is refused with a place inside of it."""
    try:
        made = draft(text)
    except BadDraft as refused:
        (found,) = refused.problems
        assert found.line >= 1
        assert found.column >= 1
    else:
        assert callable(made.function)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_a_draft_may_have_type_parameters() -> None:
    """They are its own, whatever the function closes over whose place it takes."""
    old = counting([])
    text = "def count[T](peer, message):\n    global found\n    found = T\n    return number\n"

    function = draft(text, old, name="count").function

    assert function(None, "hello") == old(None, "hello") - 1
    assert str(globals().pop("found")) == "T"
