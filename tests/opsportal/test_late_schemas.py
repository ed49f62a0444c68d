"""Schemas whose validators are built when they are first used."""

from collections.abc import Iterator

from django.urls import reverse
from ninja import Schema
from ninja.params.models import ParamModel
from pydantic import BaseModel


def below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_each_waits_for_its_first_use_and_can_be_built():
    reverse("today")
    found = {each for base in (Schema, ParamModel) for each in below(base)}
    ours = {each for each in found if not each.__module__.startswith("ninja.")}
    assert len(ours) > 500
    assert not [each for each in ours if not each.model_config.get("defer_build")]
    for each in found:
        each.model_rebuild()
    assert all(each.__pydantic_complete__ for each in found)
