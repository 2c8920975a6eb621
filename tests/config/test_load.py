"""Every mistake in the file, at its line, in one go."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config import BadConfig, load
from connector.config.places import Place, Places
from connector.routing.methods import METHODS

SHIPPED = Path(__file__).parent.parent.parent / "config.toml"

GOOD = """\
[crm.sf]
kind = "salesforce"
login = { flow = "client_credentials", domain = "acme.my", key = "env:K", secret = "env:S" }
take_from = ["queue:Intake"]
write = { partner = "Partner__c" }

[[partner]]
id = "anna"
name = "Anna"
countries = ["DE"]
owners.sf = ["user:anna@x.example"]

[[route]]
name = "all"
when = { country = "DE" }
pool = { partners = ["anna"] }
rotation = { name = "r", weights = { anna = 2 } }
"""


OFFERS = '[crm.hubspot]\noffer_to = "user:channel.emea@acme.example"'


def problems(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load(path)
    except BadConfig as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_shipped_file_is_right_and_starts_in_shadow() -> None:
    config = load(SHIPPED)
    assert config.settings.mode == "shadow"
    assert len(config.policy.routes) == 4


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


def test_every_method_that_the_shipped_file_shows_can_be_used(tmp_path: Path) -> None:
    shipped = (
        SHIPPED.read_text(encoding="utf-8").replace("# offer_to", "offer_to").replace("[crm.hubspot]", OFFERS)
    )
    shown = re.findall(r"^# ((?:pick|prefer) = .*?)$", shipped, flags=re.MULTILINE)
    assert {name for name in METHODS if any(name in line for line in shown)} == METHODS.keys() - {
        "round_robin"
    }
    for line in shown:
        old = 'pick = "round_robin" ' if line.startswith("pick") else "\nmust_cover"
        new = line + "\n#" if line.startswith("pick") else f"\n{line}\nmust_cover"
        assert problems(tmp_path, shipped.replace(old, new, 1)) == [], line


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (
            'name = "all"',
            'nmae = "all"',
            "config.toml:14:1: there is no key 'nmae' here; did you mean \"name\"?",
        ),
        (
            '{ partners = ["anna"] }',
            '{ partners = ["ana"] }',
            "config.toml:16:22: there is no partner 'ana'; did you mean \"anna\"?",
        ),
        (
            'name = "all"',
            'name = "all"\npick = "round_robbin"',
            "config.toml:15:8: there is no method 'round_robbin'; did you mean \"round_robin\"?",
        ),
        (
            '{ country = "DE" }',
            '{ contry = "DE" }',
            "config.toml:15:19: there is no field 'contry'; did you mean \"country\"?",
        ),
        (
            "anna = 2",
            "ana = 2",
            "config.toml:17:44: there is no partner 'ana' in this pool; did you mean \"anna\"?",
        ),
        ("anna = 2", "anna = 0", "config.toml:17:12: every weight is zero, so nobody could ever be picked"),
        ('["DE"]', '["Germany"]', "config.toml:10:14: 'Germany' is not an ISO country code; write \"DE\""),
        (
            '"env:S"',
            '"hunter2"',
            "config.toml:3:84: secret: this value does not fit; write env:NAME or file:PATH, "
            "never the secret itself",
        ),
        ('owners.sf = ["user', 'owners.fs = ["user', "config.toml:11:13: there is no crm 'fs'; known are sf"),
        ('kind = "salesforce"', 'kind = "sugar"', "config.toml:2:8: kind must be one of salesforce, hubspot"),
        ('take_from = ["queue:Intake"]\n', "", "take_from is missing; add it here"),
        ('"user:anna@x.example"', '"anna"', "write user: and a username or e-mail address"),
        (
            'name = "all"',
            'name = "all"\npick = { method = "by_group", groups = [{ name = "a", partners = ["ana"] }] }',
            "there is no partner 'ana'",
        ),
        ('name = "all"', 'name = "all"\nif_nobody_fits = { hold = "soon" }', "'soon' is not a duration"),
        (
            "[[route]]",
            "[[partner]]\nid = 'anna'\nname = 'B'\nowners.sf = ['user:b']\n[[route]]",
            "there are two partners called 'anna'",
        ),
        ('write = { partner = "Partner__c" }\n', "", "crm 'sf' maps no partner field"),
        ('name = "all"', 'name = "all"\nif_nobody_fits = { then = "fallback" }', "did you mean"),
        (
            'countries = ["DE"]',
            'countries = ["DE"]\nmax_new_leads = [{ leads = 5, per = "fortnight" }]',
            "config.toml:11:37: per: 'fortnight' is no period; write hour, day, week, month, "
            "or for a rolling one such as 24h",
        ),
        (
            'owners.sf = ["user:anna@x.example"]',
            'owners.sf = ["user:anna@x.example"]\nowner_weights = { "user:ana@x.example" = 2 }',
            "config.toml:12:42: 'user:ana@x.example' is no owner of partner 'anna'; did you mean",
        ),
        (
            'owners.sf = ["user:anna@x.example"]',
            'owners.sf = ["user:anna@x.example"]\nowner_weights = { "user:anna@x.example" = 0 }',
            "config.toml:12:17: every owner of partner 'anna' in sf weighs zero",
        ),
        ("[crm.sf]", 'timezone = "Mars"\n[crm.sf]', "config.toml:1:12: timezone: 'Mars' is not a time zone"),
        ("[crm.sf]", '[store]\nulr = "x"\n[crm.sf]', "config.toml:2:1: there is no key 'ulr' here"),
    ],
)
def test_a_mistake_is_found_at_its_place_with_the_right_word(
    tmp_path: Path, good: str, bad: str, expected: str
) -> None:
    assert good in GOOD
    found = problems(tmp_path, GOOD.replace(good, bad))
    assert any(expected in problem for problem in found), found


def test_mistakes_of_every_kind_come_together(tmp_path: Path) -> None:
    bad = (
        GOOD.replace('"DE" }', '"DE", employes = 3 }')
        .replace('["DE"]', '["GER"]')
        .replace("anna = 2", "x = 1")
    )
    bad = bad.replace('name = "Anna"', 'name = "Anna"\nteir = "gold"')
    found = problems(tmp_path, bad)
    assert [problem.split(":")[1] for problem in found] == ["10", "11", "16", "18"]


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ('["queue:Intake"]', '"queue:Intake"', "take_from: write a list in [ ]"),
        ('{ partner = "Partner__c" }', '"Partner__c"', "write: write a table in { }"),
        ('name = "Anna"', "name = 5", "name: write a text in quotes"),
        ('name = "Anna"', 'name = "Anna"\nactive = "perhaps"', "active: write true or false"),
        ('name = "Anna"', 'name = "Anna"\nholidays = "days.ics"', "holidays: write a list in [ ]"),
    ],
)
def test_a_value_of_the_wrong_shape_says_how_to_write_it(
    tmp_path: Path, good: str, bad: str, expected: str
) -> None:
    told = problems(tmp_path, GOOD.replace(good, bad, 1))
    assert any(problem.endswith(expected) for problem in told), told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a = "x\n', "config.toml:1:7: this is not TOML"),
        ("[crm\n", "config.toml:1:5: this is not TOML"),
        (b"name = '\xff'", "config.toml:1:1: the file is not UTF-8 text; save it as UTF-8"),
        ("", "crm is missing; add it here"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str | bytes, expected: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert expected in problem


def test_no_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(
        BadConfig, match=r"there is no config file at .*nowhere\.toml; name yours with --config"
    ):
        load(tmp_path / "nowhere.toml")


def test_columns_count_characters_not_bytes() -> None:
    places = Places('a = { "ü" = 1, b = "x" }\n')
    assert places.of(("a", "b"), key=True) == Place(1, 16)
    assert places.of(("a", "nothing")) == Place(1, 5)


@given(st.text(max_size=200))
def test_no_text_makes_it_stumble(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        assert problems(Path(folder), text) != []


@given(st.data())
def test_no_damage_to_a_good_file_makes_it_stumble(data: st.DataObject) -> None:
    import tempfile

    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 20)))
    put = data.draw(st.sampled_from(["", "x", "[", '"', "=", "\n", "1", "true", "{}", "[[route]]\n", "\x00"]))
    with tempfile.TemporaryDirectory() as folder:
        problems(Path(folder), GOOD[:start] + put + GOOD[end:])
