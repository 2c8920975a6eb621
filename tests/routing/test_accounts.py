"""Whether a lead's company is known: a domain decides, a name needs its country, and doubt is said."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.routing.accounts import STRONG, WEAK, Account, best_match, index, name_similarity
from tests.benchmarks.matching import best_cut, halves, likeness, plain_likeness, rates
from tests.public_data import rows

GLOBEX = Account("1", "Globex GmbH", "DE", "https://www.globex.com")
INITECH = Account("2", "Initech Inc.", "US", "initech.com")
KNOWN = index([GLOBEX, INITECH])


@pytest.mark.parametrize(
    "stored", ["globex.com", "www.globex.com", "http://globex.com", "https://www.globex.com/de"]
)
def test_a_domain_decides_however_the_website_is_stored(stored: str) -> None:
    """DU-12 of the collected behaviours."""
    match = best_match(index([Account("1", "Anything", "FR", stored)]), "Globex", "DE", "globex.com")
    assert match is not None
    assert (match.account.id, match.kind, match.score) == ("1", "domain", 1.0)
    assert match.evidence == {"domain": "globex.com", "accounts_with_domain": 1}


def test_of_accounts_with_one_domain_the_one_with_the_most_contacts_wins() -> None:
    """DU-11 of the collected behaviours."""
    few = Account("1", "Globex GmbH", "DE", "globex.com", contacts=2)
    many = Account("2", "Globex Holding", "US", "globex.com", contacts=5)
    match = best_match(index([few, many]), "Globex GmbH", "DE", "globex.com")
    assert match is not None
    assert match.account is many


def test_between_equals_the_country_and_then_the_name_decide() -> None:
    accounts = [
        Account("1", "Globex Inc.", "US", "globex.com"),
        Account("2", "Globex Leasing GmbH", "DE", "globex.com"),
        Account("3", "Globex GmbH", "DE", "globex.com"),
    ]
    assert found(accounts, "Globex", "DE", "globex.com") == "3"
    assert found(accounts, "Globex", "US", "globex.com") == "1"


def test_a_name_decides_with_its_country() -> None:
    match = best_match(KNOWN, "GLOBEX AG", "DE", None)
    assert match is not None
    assert (match.account, match.kind, match.score) == (GLOBEX, "name", 1.0)
    assert match.evidence == {"same": "globex", "country": "same", "brand": "unknown"}


@pytest.mark.parametrize(
    ("company", "country", "domain"),
    [
        ("Globex", "US", None),
        ("Globex", None, None),
        ("Globex", "DE", "globex-bau.de"),
        ("Globex Energy", "DE", None),
        ("Globx", "DE", None),
    ],
)
def test_a_doubtful_name_is_kept_for_a_person(company: str, country: str | None, domain: str | None) -> None:
    assert best_match(KNOWN, company, country, domain) is None
    match = best_match(KNOWN, company, country, domain, at_least=WEAK)
    assert match is not None
    assert match.account is GLOBEX
    assert WEAK <= match.score < STRONG


def test_the_same_brand_under_another_ending_makes_an_alike_name_certain() -> None:
    """DU-13 of the collected behaviours: the brand alone does not, and look-alikes do not."""
    match = best_match(KNOWN, "Globex Energy", "FR", "globex.fr")
    assert match is not None
    assert match.score == STRONG
    assert match.evidence["brand"] == "same"
    assert best_match(KNOWN, "Hooli", "FR", "globex.fr", at_least=WEAK) is None
    assert best_match(KNOWN, None, "FR", "globex.fr", at_least=WEAK) is None
    assert best_match(KNOWN, "Globex Energy", "FR", "my-globex.fr") is None


def test_two_accounts_with_the_same_claim_leave_it_to_a_person() -> None:
    twins = index([Account("2", "Globex AG", "DE"), Account("1", "Globex GmbH", "DE")])
    assert best_match(twins, "Globex", "DE", None) is None
    match = best_match(twins, "Globex", "DE", None, at_least=WEAK)
    assert match is not None
    assert (match.account.id, match.evidence["rivals"]) == ("1", ["2"])


@pytest.mark.parametrize(
    ("company", "domain"),
    [(None, None), ("", ""), ("!!!", "10.0.0.1"), ("GmbH", None), ("Hooli", "hooli.com")],
)
def test_who_is_not_known_has_no_match(company: str | None, domain: str | None) -> None:
    assert best_match(KNOWN, company, "DE", domain, at_least=WEAK) is None
    assert best_match(index([]), company, "DE", domain, at_least=0) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Globex GmbH", "GLOBEX AG"),
        ("Black Rock Inc", "BlackRock"),
        ("Procter & Gamble Co.", "Procter and Gamble"),
        ("Smith Brothers", "Smith Bros. Ltd"),
        ("Globex International", "Globex Intl."),
        ("Commonwealth Systems", "Commonwealth Sys"),
        ("Globex", "Globex Group"),
        ("Globex Holding AG", "Globex Group Ltd"),
    ],
)
def test_names_of_one_company_are_strongly_alike(one: str, other: str) -> None:
    assert name_similarity(one, other)[0] >= STRONG


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siemens", "Siemens Energy"),
        ("IBM", "IBM Deutschland"),
        ("Schneider Electric", "Schneider Electric Infrastructure"),
        ("Consulting GmbH", "Consulting Ltd"),
    ],
)
def test_part_of_a_name_is_never_strong_alone(one: str, other: str) -> None:
    assert name_similarity(one, other)[0] < STRONG


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deutsche Bank", "Deutsche Bahn"),
        ("Acme", "Macmedia"),
        ("Box", "Dropbox"),
        ("United Airlines", "United Bank"),
    ],
)
def test_look_alikes_are_not_even_weak(one: str, other: str) -> None:
    assert name_similarity(one, other)[0] < WEAK


def test_what_a_score_rests_on_is_told() -> None:
    score, evidence = name_similarity("Siemens AG", "Siemens Energy")
    assert WEAK < score < STRONG
    assert evidence == {
        "opening": "siemens",
        "shortened": True,
        "words": ["siemens"],
        "left_over": ["energy"],
    }


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    score, _ = name_similarity(one, other)
    assert 0 <= score <= 1
    assert name_similarity(other, one)[0] == pytest.approx(score)


@given(st.text(), st.text(), st.text())
def test_no_text_makes_it_stumble(company: str, country: str, domain: str) -> None:
    best_match(KNOWN, company, country, domain, at_least=0)
    best_match(index([Account("1", company, country, domain)]), company, country, domain, at_least=0)


def test_long_names_are_compared_in_a_glance() -> None:
    long = "a b " * 2_500_000
    name_similarity(long, long + "c")
    best_match(index([Account("1", long)]), long, None, None)


def test_the_order_of_accounts_does_not_matter() -> None:
    dice = random.Random(3)
    accounts = [Account(str(n), f"Globex {n % 7} {n % 3}", "DE", contacts=n % 2) for n in range(60)]
    before: list[Any] = [best_match(index(accounts), f"Globex {n}", "DE", None, at_least=0) for n in range(9)]
    dice.shuffle(accounts)
    assert before == [best_match(index(accounts), f"Globex {n}", "DE", None, at_least=0) for n in range(9)]


def test_labelled_pairs_of_real_companies_are_told_apart_better_than_by_the_plain_baseline() -> None:
    table = rows("company_matching/finance_name_pairs.csv")
    labelled = [(row["name1"], row["name2"], row["is_match"] == "1") for row in table]
    chosen_on, judged_on = halves(labelled)
    _, _, plain = rates(plain_likeness, judged_on, best_cut(plain_likeness, chosen_on))
    weak_precision, _, weak = rates(likeness, judged_on, WEAK)
    strong_precision, strong_recall, _ = rates(likeness, judged_on, STRONG)
    assert weak > plain + 0.05
    assert weak_precision > 0.94
    assert strong_precision > 0.995
    assert strong_recall > 0.55


def found(accounts: list[Account], company: str, country: str | None, domain: str | None) -> str | None:
    match = best_match(index(accounts), company, country, domain)
    return match.account.id if match else None
