"""Product lists and industries."""

import pytest

from connector.routing.normal.industries import industry, understood
from connector.routing.normal.products import MOST, products


def test_a_product_list_is_taken_apart_once_and_in_order() -> None:
    assert products(" SAP  S4;AWS , sap s4| Azure/GCP\n;;") == ("SAP S4", "AWS", "Azure", "GCP")
    assert products("") == ()
    assert len(products(";".join(map(str, range(1_000_000))))) == MOST


def test_an_industry_is_known_by_the_admins_synonyms() -> None:
    synonyms = understood({"Software": ["COMPUTER_SOFTWARE", "IT & Services"], "Food": []})
    assert industry("computer software", synonyms) == "Software"
    assert industry("IT and services", synonyms) == "Software"
    assert industry("FOOD", synonyms) == "Food"
    assert industry(" Farming ", synonyms) == "Farming"
    assert industry("", synonyms) is None
    assert industry("x" * 10_000_000, synonyms) is None


def test_a_synonym_of_two_industries_is_refused() -> None:
    with pytest.raises(ValueError, match="both 'Software' and 'Services'"):
        understood({"Software": ["IT"], "Services": ["it"]})
