"""What `check` points out without refusing it."""

from pathlib import Path

import pytest

from connector.config import load
from connector.config.load import warnings
from tests.config.test_load import GOOD, SHIPPED

CRM = GOOD.replace("write =", 'fallback_owner = "queue:Triage"\nwrite =')
LATER = '[[route]]\nname = "later"\nwhen = {0}\n'


def warned(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return [str(problem) for problem in warnings(load(path))]


def test_the_shipped_file_and_a_good_one_raise_no_doubt(tmp_path: Path) -> None:
    assert warnings(load(SHIPPED)) == []
    assert warned(tmp_path, CRM) == []


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        ('{ country = "DE" }', '{ country = "DE" }', True),
        ("{}", '{ country = "DE" }', True),
        ("{}", "{}", True),
        ('{ country = "DE" }', '{ country = "DE", employees = { at_least = 5 } }', True),
        ('{ country = ["DE", "AT"] }', '{ country = "AT" }', True),
        ('{ any = [{ country = "DE" }] }', '{ any = [{ country = "DE" }] }', True),
        ('{ country = "DE" }', "{}", False),
        ('{ country = "DE" }', '{ country = ["DE", "AT"] }', False),
        ('{ country = "DE" }', '{ country = { not = "DE" } }', False),
        ('{ any = [{ country = "DE" }] }', '{ any = [{ country = "AT" }] }', False),
        ("{ employees = { at_least = 9 } }", "{ employees = { at_least = 5 } }", False),
    ],
)
def test_a_route_that_an_earlier_one_hides_is_named(
    tmp_path: Path, earlier: str, later: str, hidden: bool
) -> None:
    text = CRM.replace('{ country = "DE" }', earlier) + LATER.format(later)
    found = warned(tmp_path, text)
    assert bool(found) == hidden
    assert all("20:8: route 'later' can never match, because route 'all' before it" in each for each in found)


def test_a_route_that_passes_leads_on_hides_none(tmp_path: Path) -> None:
    text = CRM + 'if_nobody_fits = { then = "next_route" }\n' + LATER.format('{ country = "DE" }')
    assert warned(tmp_path, text) == []


def test_a_partner_that_no_pool_contains_is_named_unless_it_is_suspended(tmp_path: Path) -> None:
    bert = '[[partner]]\nid = "bert"\nname = "Bert"\nowners.sf = ["user:b"]\n'
    (found,) = warned(tmp_path, CRM + bert)
    assert found.startswith("config.toml:20:6: no route's pool contains partner 'bert'")
    assert warned(tmp_path, CRM + bert + "active = false\n") == []


def test_a_crm_without_a_fallback_owner_is_named(tmp_path: Path) -> None:
    (found,) = warned(tmp_path, GOOD)
    assert found.startswith("config.toml:1:")
    assert "crm 'sf' has no fallback_owner" in found


def test_a_rotation_shared_by_pools_that_never_meet_is_named(tmp_path: Path) -> None:
    bert = '[[partner]]\nid = "bert"\nname = "Bert"\nowners.sf = ["user:b"]\n'
    later = LATER.format('{ country = "AT" }') + 'rotation = { name = "r" }\n'
    apart = CRM + later + 'pool = { partners = ["bert"] }\n' + bert
    (found,) = warned(tmp_path, apart)
    assert "routes 'all' and 'later' share rotation 'r' but no partner" in found
    assert warned(tmp_path, apart.replace('["bert"]', '["bert", "anna"]')) == []
