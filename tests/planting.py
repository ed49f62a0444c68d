"""Bugs planted on purpose: a function does what its changed source says."""

import importlib
import inspect
from types import CodeType


def plant(monkeypatch, address, right, wrong):
    """Let "module.function" run with ``wrong`` in place of ``right`` until undone.

    Whoever imported the function before runs the changed one too.
    """
    function = _find(address)
    source = inspect.getsource(inspect.getmodule(function))
    assert source.count(right) == 1, f"{right!r} stands in {address} no longer"
    changed = compile(source.replace(right, wrong), "planted", "exec")
    code = _code_of(changed, function.__name__)
    assert code.co_freevars == function.__code__.co_freevars
    monkeypatch.setattr(function, "__code__", code)


def run_named(request, address, given):
    """Run a test by its address, with ``given`` and with the fixtures that it asks for."""
    test = _find(f"tests.{address.removesuffix('.py')}")
    for name in inspect.signature(test).parameters:
        if name not in given:
            given[name] = request.getfixturevalue(name)
    return lambda: test(**given)


def _find(address):
    module, _, name = address.replace(".py::", ".").replace("/", ".").rpartition(".")
    return getattr(importlib.import_module(module), name)


def _code_of(code, name):
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    for each in inner:
        if each.co_name == name:
            return each
    found = (_code_of(each, name) for each in inner)
    return next((each for each in found if each is not None), None)
