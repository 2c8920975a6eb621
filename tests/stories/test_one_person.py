"""A person whom both CRMs know is one person to the partners."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from tests.conftest import NOW
from tests.stories.test_main_job import CRMS, held, state
from tests.stories.test_nothing_lost import add, of_every_record_type
from tests.stories.world import World

ELSEWHERE = {"salesforce": "hubspot", "hubspot": "salesforce"}
A_DAY = 86_400


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Both CRMs with their people and no leads yet."""
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        yield World(sandbox, tmp_path, of_every_record_type)


def cards(world: World, crm: str) -> dict[str, Any]:
    """What the CRM shows of each lead, by name."""
    columns: Any = world.on_crm(lambda: state(world, crm).columns())
    return {card.title: card for column in columns for card in column.cards}


@pytest.mark.parametrize("first", CRMS)
def test_who_comes_back_in_the_other_crm_goes_to_the_same_partner(world: World, first: str) -> None:
    """Between the two come six others, so that the turn alone would not bring the person back."""
    second = ELSEWHERE[first]
    add(world, first, 1, start=1)
    world.run()
    world.sandbox.clock.advance(A_DAY)
    add(world, second, 6, start=10)
    world.run()
    add(world, second, 1, start=1)
    world.run()
    once, again = cards(world, first)["Lead 1"], cards(world, second)["Lead 1"]
    assert once.partner
    assert again.partner == once.partner
    assert "same person" in held(world, second, again.id).reason.casefold()
    others = {card.partner for card in cards(world, second).values()}
    assert len(others) > 1


@pytest.mark.parametrize("first", CRMS)
def test_a_colleague_in_the_other_crm_goes_to_the_partner_of_the_company(world: World, first: str) -> None:
    second = ELSEWHERE[first]
    add(world, first, 1, start=1)
    world.run()
    world.sandbox.clock.advance(A_DAY)
    add(world, second, 6, start=10)
    add(world, second, 1, start=20, email="colleague@company1.example")
    world.run()
    assert cards(world, first)["Lead 1"].partner
    assert cards(world, second)["Lead 20"].partner == cards(world, first)["Lead 1"].partner


@pytest.mark.parametrize("first", CRMS)
def test_free_mail_makes_no_two_people_one(world: World, first: str) -> None:
    """Seven people of one free-mail domain, in turn: not one partner has them all."""
    second = ELSEWHERE[first]
    add(world, first, 1, email="ann@gmail.com")
    world.run()
    for number in range(6):
        add(world, second, 1, start=number, email=f"ben{number}@gmail.com")
    world.run()
    partners = {card.partner for crm in CRMS for card in cards(world, crm).values()}
    assert len(partners) > 1
