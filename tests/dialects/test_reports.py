"""What applications may tell the panels is recognised by its method alone."""

from __future__ import annotations

from collections.abc import Sequence

from workbench import Workbench
from workbench.dialects.reports import Chained, Documented, NamedChain


class Named:
    """An application with named chains."""

    def chains(self) -> Sequence[NamedChain]:
        """List one without lanes."""
        return [NamedChain("messages.create", "service", ())]


def test_an_application_says_what_it_can_report() -> None:
    """A crossws application has neither named chains nor documents."""
    mounted = Workbench("crossws")._mount.app

    assert isinstance(Named(), Chained)
    assert not isinstance(Named(), Documented)
    assert not isinstance(mounted, Chained)
