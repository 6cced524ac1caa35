"""What is read from source agrees with what Python has when a module is really imported."""

import importlib
import inspect

import pytest

from penchant_trainer.rewards.interfaces import Interface
from penchant_trainer.rewards.library import library
from penchant_trainer.rewards.resolution import MISSING, UNKNOWN, Class, Module, Resolver
from penchant_trainer.rewards.signatures import keywords

RESOLVER = Resolver(library(), Interface())
MODULES = [
    "collections", "contextlib", "csv", "datetime", "enum", "functools", "json", "math",
    "mimetypes", "os", "os.path", "pathlib", "re", "shutil", "time", "httpx",
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_nothing_that_is_there_is_called_missing(name: str) -> None:
    module = importlib.import_module(name)
    found = {attribute: RESOLVER.member(Module(name), attribute) for attribute in dir(module)}
    assert [attribute for attribute, thing in found.items() if thing is MISSING] == []
    for attribute, thing in found.items():
        really = getattr(module, attribute)
        if isinstance(thing, Class) and inspect.isclass(really):
            public = (n for n in dir(really) if not n.startswith("_"))
            absent = [n for n in public if RESOLVER.member(thing, n) is MISSING]
            assert absent == [], attribute
        taken = keywords(thing, RESOLVER)
        if taken is not None and callable(really):
            assert _named(really) <= taken, attribute


def test_most_of_the_standard_library_is_known() -> None:
    names = [(m, n) for m in ("os", "json", "shutil", "random") for n in dir(IMPORTED[m])]
    unknown = [n for m, n in names if RESOLVER.member(Module(m), n) is UNKNOWN]
    assert len(unknown) < len(names) / 20


IMPORTED = {name: importlib.import_module(name) for name in ("os", "json", "shutil", "random")}


def _named(really: object) -> set[str]:
    try:
        parameters = inspect.signature(really).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return set()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name for p in parameters if p.kind in named}
