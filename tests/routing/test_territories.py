"""Whose a postal code is: the longest prefix that counts on the day."""

import time
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.lead import Lead
from connector.reports.explain import explained
from connector.routing.pipeline import decide
from connector.routing.policy import Policy
from connector.routing.reasons import say
from connector.routing.territories import Territories, read_territories
from tests.builders import a_lead, a_policy, a_snapshot, partner

DAY = date(2026, 11, 2)
PARTNERS = {name: name for name in ("dresden", "saxony", "germany", "anna", "bert")}
TABLE = """country,postal,partner,from,until
DE,,germany,,
DE,01..04,saxony,,
DE,01067..01069,dresden,,
GB,SW1,anna,2026-01-01,2026-06-30
GB,SW1,bert,2026-07-01,
US,100,anna,,
"""


def table(text: str) -> Territories:
    """A table without a mistake."""

    def find(file: str, line: int, message: str, choices: object = (), wrong: str = "") -> None:
        raise AssertionError(f"{file}:{line}: {message}")

    return read_territories("t.csv", text, PARTNERS, find)


def whose(text: str, country: str | None, code: str | None, day: date = DAY) -> set[str]:
    found = table(text).find(country, code, day)
    return set(found.partners) if found else set()


@pytest.mark.parametrize(
    ("country", "code", "day", "expected"),
    [
        ("DE", "01067", DAY, {"dresden"}),
        ("DE", "01070", DAY, {"saxony"}),
        ("DE", "04999", DAY, {"saxony"}),
        ("DE", "05000", DAY, {"germany"}),
        ("DE", None, DAY, {"germany"}),
        ("GB", "SW1A 1AA", DAY, {"bert"}),
        ("GB", "SW1A 1AA", date(2026, 6, 30), {"anna"}),
        ("GB", "SW1A 1AA", date(2025, 12, 31), set()),
        ("GB", "N1 9GU", DAY, set()),
        ("US", "10001-1234", DAY, {"anna"}),
        ("FR", "01067", DAY, set()),
        (None, "01067", DAY, set()),
    ],
)
def test_the_longest_prefix_that_counts_wins(
    country: str | None, code: str | None, day: date, expected: set[str]
) -> None:
    assert whose(TABLE, country, code, day) == expected


CODES = st.integers(0, 9999).map(lambda number: f"{number:04d}")
RANGES = st.tuples(CODES, CODES).map(sorted)


@given(st.lists(st.tuples(RANGES, st.sampled_from(["anna", "bert"])), max_size=4), CODES)
def test_a_range_holds_exactly_the_codes_from_its_first_to_its_last(
    ranges: list[tuple[list[str], str]], code: str
) -> None:
    for (first, last), partner_id in ranges:
        text = f"country,postal,partner\nAT,{first}-{last},{partner_id}\n"
        assert whose(text, "AT", code) == ({partner_id} if first <= code <= last else set())


def test_ranges_of_letters_go_by_digits_before_letters() -> None:
    text = "country,postal,partner\nGB,SW8..SX2,anna\n"
    codes = [f"S{letter}{sign}" for letter, sign in product("WX", "0123456789AZ")]
    held = [code for code in codes if whose(text, "GB", code)]
    assert held == ["SW8", "SW9", "SWA", "SWZ", "SX0", "SX1", "SX2"]


def test_a_table_may_be_german_and_of_a_spreadsheet() -> None:
    assert whose("Country;Postal;Partner\nGermany;01 067;Dresden\n", "DE", "01067") == {"dresden"}
    assert whose("country\tpostal\tpartner\nPL\t00-950\tanna\n", "PL", "00-950") == {"anna"}
    assert whose("country,postal,partner\nDE,010*,anna\n", "DE", "01067") == {"anna"}
    assert whose("country,postal,partner\nDE,*,anna\n", "DE", "99999") == {"anna"}


def test_rows_that_overlap_share_the_territory() -> None:
    text = "country,postal,partner\nDE,01,anna\nDE,01,bert\n"
    assert whose(text, "DE", "01067") == {"anna", "bert"}


def test_a_hundred_thousand_rows_are_read_and_asked_in_a_moment() -> None:
    rows = "".join(f"DE,{number:05d},anna,2026-01-01,2026-12-31\n" for number in range(100_000))
    began = time.process_time()
    read = table("country,postal,partner,from,until\n" + rows)
    read_in = time.process_time() - began
    for number in range(0, 100_000, 20):
        assert read.find("DE", f"{number:05d}", DAY) is not None
    assert read_in < 10  # a second on a machine of its own
    assert time.process_time() - began - read_in < 1


def test_a_hundred_thousand_rows_of_one_prefix_are_read_in_a_moment() -> None:
    began = time.process_time()
    read = table("country,postal,partner\n" + "DE,01,anna\n" * 100_000)
    assert time.process_time() - began < 10
    assert len(read.doubts) == 99_999


# ---- in a decision -----------------------------------------------------------------------------------

ROUTE = """
[[route]]
name = "by postal code"
must_cover = ["territory"]
if_nobody_fits = { then = "next_route" }
"""
REST = '[[route]]\nname = "rest"\n'


def by_territory(rows: str = TABLE) -> Policy:
    names = [partner(name) for name in PARTNERS]
    toml = 'territories = "t.csv"\n' + "".join(names) + ROUTE + REST
    return a_policy(toml, files={"t.csv": rows})


def test_postcode_1067_in_germany_is_01067_and_the_dresden_partners() -> None:
    lead = a_lead(country="Germany", postal_code="1067")
    decision = decide(by_territory(), a_snapshot(), lead)
    assert decision.partner == "dresden"
    assert "DE 01067 is the territory of dresden (t.csv:4)" in [say(reason) for reason in decision.reasons]
    choice = decision.choices[0]
    assert choice.refused == {"outside_territory": ("saxony", "germany", "anna", "bert")}
    assert "outside territory: Saxony, Germany" in explained(decision, {n: n.title() for n in PARTNERS})


def test_a_partner_without_a_row_has_no_territory() -> None:
    decision = decide(by_territory("country,partner\nDE,dresden\n"), a_snapshot(), a_lead(country="DE"))
    assert decision.choices[0].eligible == ("dresden",)


@pytest.mark.parametrize(
    "lead",
    [
        a_lead(),
        a_lead(country="DE", postal_code="1067" * 40_000),
        a_lead(country="FR", postal_code="01067"),
        a_lead(country="GB", postal_code="\x00\ud800"),
        a_lead(country=9e99, postal_code=-1),
        a_lead(postal_code="01067"),
        a_lead(country="US", postal_code="\N{MATHEMATICAL DOUBLE-STRUCK DIGIT ONE}0001"),
    ],
    ids=["none", "long", "abroad", "control signs", "numbers", "no country", "odd digits"],
)
def test_absurd_postal_codes_are_nobodys_territory_and_go_on(lead: Lead) -> None:
    decision = decide(by_territory("country,postal,partner\nDE,01,anna\nUS,1,bert\n"), a_snapshot(), lead)
    assert decision.route == "rest"
    assert len(decision.choices[0].refused["outside_territory"]) == len(PARTNERS)


def test_the_day_is_that_of_the_configs_zone() -> None:
    rows = "country,partner,from,until\nDE,anna,,2026-11-02\nDE,bert,2026-11-03,\n"
    policy = by_territory(rows)
    late = a_snapshot()
    late.now = late.now.replace(hour=23, minute=30)
    assert decide(policy, late, a_lead(country="DE")).partner == "anna"
    late.now = late.now.replace(day=3, hour=0)
    assert decide(policy, late, a_lead(country="DE")).partner == "bert"


def test_a_partners_prefixes_are_told_by_country_in_order() -> None:
    read = table(TABLE)
    assert read.of("saxony") == {"DE": ["01", "02", "03", "04"]}
    assert read.of("germany") == {"DE": [""]}
    assert read.of("anna") == {"GB": ["SW1"], "US": ["100"]}
    assert read.of("nobody") == {}


@pytest.mark.parametrize(
    ("row", "prefixes"),
    [
        ("01067..01069", ["01067", "01068", "01069"]),
        ("01000..01999", ["01"]),
        ("00000..99999", [""]),
        ("0100-0299", ["01", "02"]),
        ("1..1", ["1"]),
        ("0199..0201", ["0199", "0200", "0201"]),
        ("SW8..SX1", ["SW8", "SW9", *(f"SW{a}" for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "SX0", "SX1"]),
        ("A0..AZ", ["A"]),
        ("00..ZZ", [""]),
        ("000..0ZZ", ["0"]),
        ("9..A", ["9", "A"]),
    ],
)
def test_a_range_is_the_fewest_prefixes(row: str, prefixes: list[str]) -> None:
    read = table(f"country,postal,partner\nGB,{row},anna\n")
    assert read.of("anna") == {"GB": prefixes}


@pytest.mark.parametrize(
    ("row", "prefixes"),
    [
        ("0100..0199*", ["01"]),
        ("S0..SX", [*(f"S{sign}" for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWX")]),
        ("SX", ["SX"]),
        ("sw8-sw9", ["SW8", "SW9"]),
        ("1234567890", ["1234567890"]),
        ("1234567890..1234567891", ["1234567890", "1234567891"]),
    ],
)
def test_a_prefix_may_end_in_a_star_in_an_x_or_after_ten_signs(row: str, prefixes: list[str]) -> None:
    assert table(f"country,postal,partner\nGB,{row},anna\n").of("anna") == {"GB": prefixes}


def test_a_lead_without_a_code_falls_under_no_prefix() -> None:
    assert whose("country,postal,partner\nGB,X,anna\n", "GB", None) == set()
    assert whose("country,postal,partner\nGB,X,anna\n", None, "X") == set()


def test_a_row_may_count_for_one_day() -> None:
    text = "country,partner,from,until\nDE,anna,2026-11-02,2026-11-02\n"
    assert whose(text, "DE", None) == {"anna"}


def doubts(*rows: str) -> list[tuple[int, str]]:
    read = table("country,postal,partner,from,until\n" + "\n".join(rows) + "\n")
    return [(doubt.line, doubt.message) for doubt in read.doubts]


TWO = "two partners' at once"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["DE,01,anna,,", "DE,01,bert,,"], [(3, 2, "01 in DE", TWO)]),
        (["DE,,anna,,", "DE,,anna,,"], [(3, 2, "DE", "both anna's")]),
        (["DE,,anna,2026-01-01,2026-06-30", "DE,,bert,2026-06-30,"], [(3, 2, "DE", TWO)]),
        (["DE,,anna,2026-01-01,2026-06-30", "DE,,bert,2026-07-01,"], []),
        (["DE,,anna,2026-07-01,2026-08-31", "DE,,bert,2026-01-01,2026-02-28"], []),
        (["DE,,bert,2026-07-01,2026-08-31", "DE,,anna,2026-01-01,"], [(3, 2, "DE", TWO)]),
        (
            ["DE,,anna,2026-01-01,", "DE,,bert,2026-02-01,2026-03-31", "DE,,dresden,2026-06-01,2026-07-31"],
            [(3, 2, "DE", TWO), (4, 2, "DE", TWO)],
        ),
    ],
)
def test_a_row_that_meets_another_names_it_and_whose_the_place_becomes(
    rows: list[str], told: list[tuple[int, int, str, str]]
) -> None:
    assert doubts(*rows) == [
        (line, f"this row and line {other} make {name} {whose}; end or remove one of them")
        for line, other, name, whose in told
    ]


def test_codes_that_lack_a_zero_are_told_with_the_whole_code() -> None:
    assert doubts("DE,1067,anna,,", "DE,1069,bert,,") == [
        (
            line,
            f"{short} is a prefix here, and could be 0{short} without its zero; "
            f"write 0{short} if that is meant, else {short}*",
        )
        for line, short in ((2, 1067), (3, 1069))
    ]
