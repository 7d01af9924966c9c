"""The served scenario, in both profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.wookie.driver import Scenario, serving


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, Scenario]]:
    """Serve the scenario."""
    with serving() as benches:
        yield benches


@pytest.fixture(params=["docs", "head"])
def scenario(served: dict[str, Scenario], request: pytest.FixtureRequest) -> Scenario:
    """Give one bench after the other, as new."""
    bench = served[request.param]
    bench.control("/_/reset")
    return bench


@pytest.fixture
def docs(served: dict[str, Scenario]) -> Scenario:
    """Give the bench of the manual's contract, as new."""
    served["docs"].control("/_/reset")
    return served["docs"]


@pytest.fixture
def head(served: dict[str, Scenario]) -> Scenario:
    """Give the bench of the newest release, as new."""
    served["head"].control("/_/reset")
    return served["head"]


@pytest.fixture(params=[False, True], ids=["keep-alive", "close"])
def close(request: pytest.FixtureRequest) -> bool:
    """Whether the client says Connection: close."""
    return bool(request.param)
