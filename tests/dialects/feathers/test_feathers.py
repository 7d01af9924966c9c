"""What people import of Feathers is there by its name."""

from __future__ import annotations

import pytest

from workbench.dialects import feathers


def test_every_name_can_be_had() -> None:
    """Also those whose libraries are loaded late."""
    for name in feathers.__all__:
        assert getattr(feathers, name) is not None
    assert set(feathers._LATE) <= set(feathers.__all__)


def test_another_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'validate_dta'"):
        _ = feathers.validate_dta
