"""What a route asks of its partners, understood whole."""

from connector.model.partner import Cap
from connector.routing.matching import NOTHING, Needs
from tests.builders import a_policy, partner

ANNA = partner("anna", certifications=["SAP", "AWS"])
ROUTE = '[[route]]\nname = "all"\n'
TIERS = ("platinum", "gold", "silver", "bronze")


def needs(route: str) -> Needs:
    return (
        a_policy('territories = "t.csv"\n' + ANNA + ROUTE + route, files={"t.csv": "country,partner\n"})
        .routes[0]
        .limits.needs
    )


def test_a_route_that_asks_for_nothing_needs_nothing() -> None:
    assert needs("") == Needs(tiers=TIERS)
    assert Needs() == NOTHING


def test_everything_that_a_route_asks_for_is_needed() -> None:
    everything = """
must_cover = ["country", "territory"]
minimum_tier = "Gold"
needs_certification = ["Sap", "aws"]
working_hours = "required"
max_new_leads = [{ leads = 5, per = "day" }]
pool = { backups = true }
"""
    assert needs(everything) == Needs(
        must_cover=("country", "territory"),
        tier=1,
        tiers=TIERS,
        certifications=frozenset({"sap", "aws"}),
        hours_required=True,
        caps=(Cap(5, "day"),),
        backups=True,
    )


def test_a_certification_may_be_named_by_a_field_in_words_of_its_own() -> None:
    by_field = 'needs_certification = { field = "product" }\n'
    assert needs(by_field) == Needs(tiers=TIERS, field="product")
    named = 'needs_certification = { field = "product", names = { "S/4" = "SAP", Cloud = "Aws" } }\n'
    assert needs(named) == Needs(tiers=TIERS, field="product", names={"s/4": "sap", "cloud": "aws"})
