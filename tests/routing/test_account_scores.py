"""The fitted score of two names to the digit, and how accounts with the same claim are ranked."""

from typing import Any

import pytest

from connector.routing.accounts import (
    LOOKED_AT,
    STRONG,
    WEAK,
    Account,
    all_matches,
    best_match,
    blocks,
    index,
    name_similarity,
    opening,
)
from tests.routing.test_accounts import found


@pytest.mark.parametrize(
    ("one", "other", "score", "evidence"),
    [
        ("Globex", "Hooli", 0.01, (0, False, [], ["globex", "hooli"])),
        ("Vinci", "Vincit", 0.4502, (5, True, ["vinci"], [])),
        ("Vinci SA", "Vinci Energies", 0.7858, (5, True, ["vinci"], ["energies"])),
        ("Globex Energy", "Globex Motors", 0.2351, (6, False, ["globex"], ["energy", "motors"])),
        (
            "Alpha Beta Gamma Delta",
            "Alpha Beta Gamma Omega",
            0.89,
            (14, False, ["alpha", "beta", "gamma"], ["delta", "omega"]),
        ),
        (
            "Globex Management Consulting",
            "Globex Mgmt Consult",
            0.9878,
            (23, True, ["consult", "globex", "management"], []),
        ),
        ("Deutsche Telekom", "Telekom", 0.0431, (0, False, ["telekom"], ["deutsche"])),
        (
            "Mueller Lindner Weber",
            "Muller Lindner Weber",
            0.8629,
            (2, True, ["lindner", "muller", "weber"], []),
        ),
        ("Group", "Group Holding", 0.5622, (5, True, ["group"], ["holding"])),
        ("Wonderwerke Bau", "Wonderwerke Bauen", 0.981, (14, True, ["bau", "wonderwerke"], [])),
        ("Ab Xyz", "Ab Xyt", 0.0187, (2, False, [], ["xyt", "xyz"])),
        (
            "Extraordinarily Long",
            "Extraordinarily Lost",
            0.677,
            (17, False, ["extraordinarily"], ["long", "lost"]),
        ),
        ("Acme X", "Acme Y", 0.7271, (4, True, ["acme"], ["x"])),
    ],
)
def test_a_score_is_the_same_to_the_digit(
    one: str, other: str, score: float, evidence: tuple[int, bool, list[str], list[str]]
) -> None:
    """A change of the weights has to be measured anew on the labelled pairs; see `make bench`."""
    for a, b in ((one, other), (other, one)):
        got, told = name_similarity(a, b)
        assert round(got, 4) == score
        begun, shortened, words, left_over = evidence
        assert (len(told["opening"]), told["shortened"]) == (begun, shortened)
        assert (told["words"], sorted(told["left_over"])) == (words, left_over)


@pytest.mark.parametrize(
    ("one", "other", "score", "same"),
    [
        ("A B C", "ABC", 1.0, "a b c"),
        ("Globex GmbH", "Globex AG", 1.0, "globex"),
        ("Consulting", "Consulting", STRONG - 0.01, "consulting"),
        ("Global Consulting", "Global Consulting", 1.0, "global consulting"),
        ("Initech", "Initech Group Holding", 0.95, "initech"),
        ("Initech Holding", "Initech Group", 0.95, "initech"),
        ("Initech Services Group", "Initech Services", 0.95, "initech services"),
        ("X", "X", STRONG - 0.01, "x"),
        ("Group Holding", "Group Holding", 1.0, "group holding"),
    ],
)
def test_names_of_the_same_letters_are_one_but_for_words_that_tell_nothing(
    one: str, other: str, score: float, same: str
) -> None:
    for a, b in ((one, other), (other, one)):
        got, told = name_similarity(a, b)
        assert got == score
        assert told["same"] in (same, same.replace(" ", ""))


def test_nothing_is_like_nothing() -> None:
    assert name_similarity("", "Globex") == (0.0, {})
    assert name_similarity("", "") == (0.0, {})


@pytest.mark.parametrize(
    ("key", "begins"),
    [("globex", "glb"), ("mueller", "mll"), ("muller", "mll"), ("a b c", "abc"), ("aeiou", "a"), ("x", "x")],
)
def test_names_are_compared_by_first_letter_and_consonants(key: str, begins: str) -> None:
    assert opening(key) == begins


def test_under_which_keys_companies_meet() -> None:
    assert blocks("Globex GmbH", "https://www.globex.co.uk/x") == ("d:globex.co.uk", "b:globex", "n:glb")
    assert blocks(None, None) == ()
    assert blocks("!!!", "nonsense") == ()
    assert blocks("Globex", None) == ("n:glb",)


def matches(
    accounts: list[Account], company: str | None, country: str | None, domain: str | None, **more: Any
) -> list[tuple[str, str, float]]:
    told = all_matches(index(accounts), company, country, domain, **more)
    return [(match.account.id, match.kind, match.score) for match in told]


def test_all_that_may_be_meant_come_best_first_each_once() -> None:
    accounts = [
        Account("1", "Globex Energy", "DE"),
        Account("2", "Globex GmbH", "US"),
        Account("3", "Globex AG", "DE"),
        Account("4", "Other AG", "DE", "globex.com"),
        Account("5", "Globex", "DE", "globex.com"),
        Account("6", "Hooli", "DE"),
        Account("7", "Globex", "DE", "globex.de"),
    ]
    assert matches(accounts, "Globex", "DE", "www.globex.com") == [
        ("4", "domain", 1.0),
        ("5", "domain", 1.0),
        ("3", "name", 1.0),
        ("7", "name", 1.0),
        ("2", "name", 0.89),
        ("1", "name", 0.8348),
    ]
    assert matches(accounts, None, "DE", "globex.com") == [("4", "domain", 1.0), ("5", "domain", 1.0)]
    assert matches(accounts, None, "DE", None) == []
    assert matches(accounts, "Globex", "DE", None, at_least=1.0) == [
        ("3", "name", 1.0),
        ("5", "name", 1.0),
        ("7", "name", 1.0),
    ]


def test_what_is_told_of_a_domain_that_all_have() -> None:
    (match,) = all_matches(index([Account("1", "X", None, "globex.com")]), None, None, "globex.com")
    assert match.evidence == {"domain": "globex.com"}


def test_equals_are_ranked_by_country_then_contacts_then_id() -> None:
    accounts = [
        Account("1", "Globex Energy", "FR", contacts=9),
        Account("2", "Globex Energy", "DE", contacts=1),
        Account("3", "Globex Energy", "DE", contacts=5),
        Account("4", "Globex Energy", "DE", contacts=5),
    ]
    ids = [each for each, _, _ in matches(accounts, "Globex", "DE", None)]
    assert ids == ["3", "4", "2", "1"]
    match = best_match(index(accounts), "Globex", "DE", None, at_least=WEAK)
    assert match
    assert (match.account.id, match.evidence["rivals"]) == ("3", ["4"])
    alone = best_match(index(accounts[:3]), "Globex", "DE", None, at_least=WEAK)
    assert alone
    assert "rivals" not in alone.evidence


def test_a_rival_takes_certainty_away_and_no_more() -> None:
    twins = [Account("1", "Globex Energy", "DE"), Account("2", "Globex Energy", "DE")]
    match = best_match(index(twins), "Globex", "DE", None, at_least=WEAK)
    assert match
    assert (match.score, match.evidence["country"]) == (0.8348, "same")
    certain = best_match(index([Account("1", "Globex"), Account("2", "Globex")]), "Globex", None, None, WEAK)
    assert certain
    assert certain.score == STRONG - 0.01


@pytest.mark.parametrize(
    ("country", "domain", "account", "score"),
    [
        ("DE", None, Account("1", "Globex AG", "DE"), 1.0),
        ("US", None, Account("1", "Globex AG", "DE"), 0.89),
        (None, None, Account("1", "Globex AG", "DE"), 0.89),
        ("DE", None, Account("1", "Globex AG"), 0.89),
        ("DE", "globex.com", Account("1", "Globex AG", "DE", "hooli.com"), 0.89),
        ("DE", "globex.com", Account("1", "Globex AG", "DE", "globex.de"), 1.0),
        ("US", "globex.com", Account("1", "Globex AG", "DE", "globex.de"), 1.0),
        ("US", "globex.com", Account("1", "Globex AG", "DE", "globex.co.uk"), 1.0),
        ("US", "globex.com", Account("1", "Globex Energy", "DE", "globex.de"), STRONG),
        ("US", "globex.com", Account("1", "Hooli", "DE", "globex.de"), None),
        ("DE", "globex.com", Account("1", "Hooli", "DE", "globex.de"), None),
    ],
)
def test_country_and_brand_make_a_name_certain_or_doubtful(
    country: str | None, domain: str | None, account: Account, score: float | None
) -> None:
    told = all_matches(index([account]), "Globex", country, domain)
    assert [match.score for match in told] == ([] if score is None else [score])


def test_a_score_is_told_with_four_digits() -> None:
    (match,) = all_matches(index([Account("1", "Vinci Energies", "DE")]), "Vinci SA", "DE", None)
    assert match.score == 0.7858


def test_a_word_is_cut_off_on_either_side() -> None:
    """The shorter name may have the longer word, and the other way round."""
    for one, other in (("Bauen Wonder", "Bau Wonder Werke"), ("Bau Wonder", "Bauen Wonder Werke")):
        _, evidence = name_similarity(one, other)
        assert (evidence["words"], evidence["left_over"]) == (sorted(one.lower().split()), ["werke"])


def test_an_account_of_the_brand_is_found_whatever_its_name_begins_with() -> None:
    account = Account("1", "New Globex", "DE", "globex.de")
    assert best_match(index([account]), "Globex", "DE", "globex.com", at_least=0) is not None
    assert best_match(index([account]), "Globex", "DE", None, at_least=0) is None


def test_only_so_many_names_are_compared_in_full() -> None:
    crowd = [Account(f"{number:02d}", f"Globex {letter}", "DE") for number, letter in enumerate("abcdefghij")]
    assert len(matches(crowd, "Globex", "DE", None, at_least=0)) == LOOKED_AT


def test_a_name_that_is_hardly_alike_is_not_compared_at_all() -> None:
    assert matches([Account("1", "Gelbaxation Worldwide", "DE")], "Globex", "DE", None, at_least=0) == []


def test_of_accounts_with_one_domain_the_name_decides_last_and_no_country_is_no_country() -> None:
    accounts = [
        Account("1", "Hooli", None, "globex.com"),
        Account("2", "Globex Energy", None, "globex.com"),
        Account("3", "Hooli", "DE", "globex.com"),
    ]
    assert found(accounts, "Globex", None, "globex.com") == "2"
    assert found(accounts, "Globex", "DE", "globex.com") == "3"
    assert found(accounts, "Other", "US", "globex.com") == "1"
    match = best_match(index(accounts), "Globex", None, "globex.com")
    assert match
    assert match.evidence == {"domain": "globex.com", "accounts_with_domain": 3}


@pytest.mark.parametrize("word", ["Xxxx", "None"])
def test_what_has_no_name_is_not_called_by_a_word_for_nothing(word: str) -> None:
    nameless = [Account("1", "???", "DE"), Account("2", "", "DE")]
    assert matches(nameless, word, "DE", None, at_least=0) == []
    assert matches([Account("1", word, "DE", f"{word}.com")], None, "DE", None, at_least=0) == []
    assert matches([Account("1", word, "DE", f"{word}.com")], "???", "DE", "???", at_least=0) == []


@pytest.mark.parametrize(
    ("one", "other", "words", "left_over"),
    [
        ("Nova Quist", "Nova Quist", None, None),
        ("Nova Qu Berg", "Nova Quist Berlin", ["nova", "qu"], ["berg", "berlin"]),
        ("Nova Q Berg", "Nova Quist Berlin", ["nova"], ["berg", "berlin", "q", "quist"]),
        ("Nova Berk Lint", "Nova Berg Tulip", ["berk", "nova"], ["lint", "tulip"]),
        ("Nova Berx Lint", "Nova Bergx Tulip", ["berx", "nova"], ["lint", "tulip"]),
        ("Novax Tulip", "Nova Tulip Berlin", ["novax", "tulip"], ["berlin"]),
        ("Nova Ber Lint", "Nova Bet Tulip", ["nova"], ["ber", "bet", "lint", "tulip"]),
        ("Nova Berg Lint", "Nova Derg Tulip", ["nova"], ["berg", "derg", "lint", "tulip"]),
        ("Nova Berga Lint", "Nova Belgi Tulip", ["nova"], ["belgi", "berga", "lint", "tulip"]),
        ("Nova Brg Lint", "Nova Bergen Tulip", ["brg", "nova"], ["lint", "tulip"]),
        ("Nova Bg Lint", "Nova Bergen Tulip", ["nova"], ["bergen", "bg", "lint", "tulip"]),
        ("Nova Rgn Lint", "Nova Bergen Tulip", ["nova"], ["bergen", "lint", "rgn", "tulip"]),
    ],
    ids=[
        "the same",
        "two letters cut off",
        "one letter is no word",
        "a letter mistaken",
        "a letter left out",
        "a letter too many in the shorter name",
        "too short for mistakes",
        "the first letter counts",
        "two letters mistaken",
        "contracted",
        "too short for a contraction",
        "a contraction begins alike",
    ],
)
def test_which_words_mean_the_same(
    one: str, other: str, words: list[str] | None, left_over: list[str] | None
) -> None:
    score, told = name_similarity(one, other)
    if words is None:
        assert (score, told["same"]) == (1.0, one.casefold())
    else:
        assert (told["words"], sorted(told["left_over"])) == (words, left_over)


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [
        ("Nova Tulip", "Lint Tulip", 0.0431),  # no letter alike, one word
        ("Nova Tulips", "Lint Tulip", 0.0373),  # nine tenths of a word
        ("Nova Brgn", "Lint Bergen", 0.0279),  # seven tenths
        ("Nova Consulting", "Lint Consulting", 0.0155),  # a word that tells little
        ("Nova Z", "Lint Z", 0.0155),  # a single letter
        ("Nova Zq", "Lint Zq", 0.0431),
    ],
)
def test_what_one_word_in_common_is_worth(one: str, other: str, score: float) -> None:
    assert round(name_similarity(one, other)[0], 4) == score


def test_and_is_no_word() -> None:
    assert name_similarity("Nova & Tulip", "Nova Tulip") == (1.0, {"same": "nova tulip"})
    assert name_similarity("Nova and Tulip", "Nova und Tulip Group")[0] == 0.95
