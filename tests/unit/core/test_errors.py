"""Errors travel between processes and say where they belong."""

import inspect
import pickle

import pytest

from penchant_core import errors

CLASSES = [
    c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__
]


def _made(kind: type[errors.PenchantError]) -> errors.PenchantError:
    if kind is errors.GatewayRefused:
        return errors.GatewayRefused("no", 403)
    return kind("no")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_survives_pickling(kind: type[errors.PenchantError]) -> None:
    error = _made(kind)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == "no"
    assert vars(again) == vars(error)
    assert isinstance(again, errors.PenchantError)
    assert 0 < again.exit_code < 128


def test_the_docstring_draws_the_tree() -> None:
    assert errors.__doc__ is not None
    assert all(kind.__name__ in errors.__doc__ for kind in CLASSES)
