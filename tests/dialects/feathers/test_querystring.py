"""What workbench.dialects.feathers.querystring promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.dialects.feathers.querystring import parse, parse_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a=1&b=x+y", {"a": "1", "b": "x y"}),
        ("a[b][c]=1", {"a": {"b": {"c": "1"}}}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=x&a[0]=y", {"a": ["y", "x"]}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=1&a[b]=2", {"a": ["1", {"b": "2"}]}),
        ("a[$in][0]=1", {"a": {"$in": ["1"]}}),
        ("a[b][c][d][e][f][g]=1", {"a": {"b": {"c": {"d": {"e": {"f": {"[g]": "1"}}}}}}}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("=1", {}),
        ("&&a=1&", {"a": "1"}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a[b=1", {"a": {"[b": "1"}}),
        ("a]b=1", {"a]b": "1"}),
        ("[a]=1", {"a": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("a[][b]=1&a[][c]=2", {"a": [{"b": "1", "c": "2"}]}),
        ("a[0][b]=1&a[0][c]=2", {"a": [{"b": "1", "c": "2"}]}),
        ("a[b]=1&a=2", {"a": [{"b": "1"}, "2"]}),
        ("a[b]=1&a[b]=2", {"a": {"b": ["1", "2"]}}),
        ("a[100]=x", {"a": {"100": "x"}}),
        ("a=%zz", {"a": "%zz"}),
        ("a=%E4%F6", {"a": "%E4%F6"}),
        ("a.b=1", {"a.b": "1"}),
        ("a[]=", {"a": [""]}),
        ("a[0]=1&a=2", {"a": ["1", "2"]}),
        ("a[2]=x", {"a": ["x"]}),
        ("a[b]=1&a[]=2", {"a": {"0": "2", "b": "1"}}),
        ("a=1&a=2&a[b]=3", {"a": {"0": "1", "1": "2", "b": "3"}}),
        ("toString=1", {}),
        ("a[__proto__]=1", {}),
        ("__proto__[x]=1", {}),
        ("hasOwnProperty=1", {}),
        ("a[hasOwnProperty]=1", {}),
        ("a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        ("a[-1]=x", {"a": {"-1": "x"}}),
        ("a[01]=x", {"a": {"01": "x"}}),
        ("a[1.5]=x", {"a": {"1.5": "x"}}),
        ("%61=1", {"a": "1"}),
        ("a=b=c", {"a": "b=c"}),
        ("a[b][]=1&a[b][]=2", {"a": {"b": ["1", "2"]}}),
    ],
)
def test_queries_are_read_as_qs_reads_them(text: str, query: Any) -> None:
    """What qs 6 itself made of each (R83)."""
    assert parse(text) == query


@given(st.lists(st.sampled_from(list("ab[]=&0%+.")) | st.just("__proto__"), max_size=30).map("".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It gives an object of texts, lists and objects, whatever comes."""

    def check(value: Any) -> None:
        assert isinstance(value, str | list | dict)
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(part)

    assert isinstance(parse(text), dict)
    check(parse(text))


@pytest.mark.parametrize("length", [1, 1000])
def test_what_one_call_does_to_its_query_the_next_one_does_not_see(length: int) -> None:
    """Short ones are remembered, long ones are not; each caller gets a query of its own."""
    text = f"a[b][]={'x' * length}&c=1"
    first = parse_query(text)
    assert first == parse(text)
    first["a"]["b"].append("more")
    first["a"]["d"] = first["c"] = "changed"
    assert parse_query(text) == parse(text)
