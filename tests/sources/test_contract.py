"""What `sources/base.py` promises of reading, asked of every CRM."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest

from connector.model.lead import Lead
from connector.sources.base import Source
from tests.sources.contract import ALWAYS, ANKE, JONAS, Bench

SECOND = timedelta(seconds=1)


def window(
    source: Source, since: datetime, until: datetime | None = None, between: Callable[[], None] = lambda: None
) -> tuple[list[Lead], datetime]:
    """Every lead of a window in the order read, and its frozen end; `between` happens after each page."""
    leads: list[Lead] = []
    after: str | None = None
    while True:
        page = source.read_changed(since, until, after)
        leads += page.leads
        until, after = page.until, page.last_id
        if page.done:
            return leads, until
        between()


def ids(leads: Iterable[Lead]) -> list[str]:
    return [lead.ref.id for lead in leads]


def test_a_window_includes_both_its_ends(bench: Bench) -> None:
    first, first_at = bench.add({"last_name": "First"}), bench.now()
    bench.wait()
    second, second_at = bench.add({"last_name": "Second"}), bench.now()
    bench.wait()
    third = bench.add({"last_name": "Third"})
    bench.wait()
    source = bench.source()
    assert ids(window(source, first_at, second_at)[0]) == [*first, *second]
    assert ids(window(source, first_at + SECOND, second_at)[0]) == second
    assert ids(window(source, first_at, second_at - SECOND)[0]) == first
    assert ids(window(source, second_at + SECOND)[0]) == third


def test_a_window_is_frozen_on_the_crms_clock(bench: Bench) -> None:
    bench.many(3)
    now = bench.wait()
    source = bench.source(page=2)
    page = source.read_changed(ALWAYS, None, None)
    assert abs(page.until - now) <= SECOND
    bench.wait(3600)
    assert source.read_changed(ALWAYS, page.until, page.last_id).until == page.until


@pytest.mark.parametrize("count", [0, 1, 5, 10, 23])
def test_leads_that_share_one_stamp_are_all_read_once(bench: Bench, count: int) -> None:
    made = bench.many(count) if count else []
    bench.wait()
    leads, _ = window(bench.source(page=5), ALWAYS)
    assert ids(leads) == made


def test_leads_edited_while_paging_are_neither_lost_nor_repeated(bench: Bench) -> None:
    made = bench.many(20)
    bench.wait()
    source = bench.source(page=4)
    victims = iter([made[0], made[19], made[1], made[18]])

    def meddle() -> None:
        bench.wait(2)
        bench.edit(next(victims), company="Edited")

    first, until = window(source, ALWAYS, between=meddle)
    bench.wait()
    second, _ = window(source, until)
    assert len(set(ids(first))) == len(first)
    assert {*ids(first), *ids(second)} == set(made)
    assert set(ids(second)) == {made[0], made[19], made[1], made[18]}
    assert all(lead.fields["company"] == "Edited" for lead in second)


def test_a_lead_is_told_in_neutral_names(bench: Bench) -> None:
    (made,) = bench.add({"last_name": "Roe", "company": "Initech", "email": "r@initech.example"})
    at = bench.now()
    bench.wait()
    ((lead,), _) = window(bench.source(), ALWAYS)
    assert (lead.ref.crm, lead.ref.id) == (bench.crm, made)
    assert lead.owner == bench.intake()
    assert abs(lead.changed_at - at) <= SECOND
    assert lead.created_at.utcoffset() == timedelta()
    assert lead.fields["last_name"] == "Roe"
    assert lead.fields["company"] == "Initech"
    assert not {"phone", "partner"} & lead.fields.keys()
    assert (lead.deleted, lead.converted, lead.merged_into) == (False, False, None)


def test_an_owner_is_told_by_name(bench: Bench) -> None:
    (made,) = bench.many(1)
    bench.edit(made, owner=ANKE)
    bench.wait()
    assert bench.source().read([made])[made].owner == ANKE


def test_leads_from_before_the_switch_on_stay_as_they_are(bench: Bench) -> None:
    bench.many(2)
    tomorrow = (bench.wait(86_400)).date()
    later = bench.many(2)
    bench.wait()
    assert ids(window(bench.source(created_after=tomorrow.isoformat()), ALWAYS)[0]) == later


def test_the_admins_where_keeps_the_rest_out(bench: Bench) -> None:
    (ours,) = bench.add({"company": "Ours"})
    bench.add({"company": "Theirs"})
    bench.wait()
    source = bench.source(where=bench.only_company("Ours"))
    assert ids(window(source, ALWAYS)[0]) == [ours]
    assert source.problems([]) == []
    assert list(source.changed_ids(bench.ago(hours=1), bench.now())) == [ours]


def test_a_linked_record_is_told(bench: Bench) -> None:
    (made,) = bench.add({"last_name": "Both", "linked": "4711"})
    bench.wait()
    source = bench.source(linked_record=bench.linked())
    assert source.read([made])[made].linked == "4711"
    assert [lead.linked for lead in window(source, ALWAYS)[0]] == ["4711"]


def test_reading_by_id_finds_what_is_there_now(bench: Bench) -> None:
    one, two, gone = bench.many(3)
    bench.wait()
    bench.edit(one, company="Edited")
    bench.delete(gone)
    bench.wait()
    found = bench.source().read([two, gone, one])
    assert found.keys() == {one, two}
    assert found[one].fields["company"] == "Edited"


def test_a_merged_lead_answers_with_the_one_that_absorbed_it(bench: Bench) -> None:
    winner, loser, other = bench.many(3)
    bench.wait()
    kept = bench.merge(winner, loser)
    bench.wait()
    source = bench.source()
    read = source.read([loser, winner, other])
    assert {asked: lead.ref.id for asked, lead in read.items()} == {loser: kept, winner: kept, other: other}
    held = source.read_back([loser, other])
    assert {asked: one.id for asked, one in held.items()} == {loser: kept, other: other}


def test_a_chain_of_merges_is_followed_to_its_end(bench: Bench) -> None:
    first, second, third = bench.many(3)
    bench.wait()
    between = bench.merge(second, first)
    bench.wait()
    last = bench.merge(third, between)
    bench.wait()
    assert bench.source().read([first])[first].ref.id == last
    assert bench.source().read_back([first])[first].id == last


def test_a_merge_is_told_by_one_side_or_the_other(bench: Bench) -> None:
    winner, loser = bench.many(2)
    since = bench.wait()
    kept = bench.merge(winner, loser)
    bench.wait()
    leads, _ = window(bench.source(), since)
    into = {lead.ref.id: lead.merged_into for lead in leads if lead.deleted}
    absorbed = {old for lead in leads if lead.ref.id == kept for old in lead.absorbed}
    assert loser in absorbed or into.get(loser) == kept


def test_what_a_record_holds_comes_with_its_stamp(bench: Bench) -> None:
    one, gone = bench.many(2)
    bench.edit(one, owner=JONAS, partner="Rheintal Cloud AG", reason="because")
    at = bench.now()
    bench.wait()
    bench.delete(gone)
    held = bench.source().read_back([one, gone])
    assert held.keys() == {one}
    assert held[one].values["owner"] == JONAS
    assert held[one].values["partner"] == "Rheintal Cloud AG"
    assert held[one].values["reason"] == "because"
    assert held[one].values["score"] is None
    changed_at = held[one].changed_at
    assert changed_at is not None
    assert abs(changed_at - at) <= SECOND


def test_another_witness_names_every_changed_lead(bench: Bench) -> None:
    old, edited, deleted = bench.many(3)
    since = bench.wait(7200)
    bench.edit(edited, company="Edited")
    bench.delete(deleted)
    new = bench.many(3)
    until = bench.wait(600)
    found = list(bench.source(page=2).changed_ids(since, until))
    assert {edited, *new} <= set(found)
    assert old not in found
    assert len(set(found)) == len(found)


def test_a_witness_of_many_months_is_as_good(bench: Bench) -> None:
    old = bench.many(2)
    bench.wait(86_400 * 60)
    new = bench.many(2)
    bench.wait(600)
    found = list(bench.source().changed_ids(bench.ago(days=90), bench.now()))
    assert sorted(found) == sorted([*old, *new])


def test_progress_is_told_from_open_to_won(bench: Bench) -> None:
    fresh, dealt, won, lost, gone = bench.many(5)
    for lead in (dealt, won, lost):
        bench.deal(lead, 1200.5)
    bench.end_deals(won, won=True)
    bench.end_deals(lost, won=False)
    bench.delete(gone)
    bench.wait()
    found = bench.source().read_progress([fresh, dealt, won, lost, gone])
    assert found.keys() == {fresh, dealt, won, lost}
    assert (found[fresh].open, found[fresh].won, found[fresh].open_deals) == (True, None, 0)
    assert (found[dealt].won, found[dealt].open_deals, found[dealt].amount) == (None, 1, 1200.5)
    assert (found[won].won, found[won].open_deals, found[won].amount) == (True, 0, 1200.5)
    assert (found[lost].won, found[lost].open_deals) == (False, 0)


def test_a_lead_that_was_given_up_is_no_longer_open(bench: Bench) -> None:
    kept, given_up = bench.many(2)
    bench.give_up(given_up)
    bench.wait()
    found = bench.source().read_progress([kept, given_up])
    assert found[kept].open
    assert not found[given_up].open
    assert found[given_up].won is False
    assert not found[given_up].converted


def test_the_roster_is_read_under_the_keys_of_a_partner(bench: Bench) -> None:
    rows = {row["name"]: row for row in bench.source(roster=bench.roster()).read_partners()}
    nordwind = rows["Nordwind IT GmbH"]
    assert nordwind["tier"] == "Gold"
    assert nordwind["id"]
    assert str(nordwind["owner"]).startswith("user:")
    assert "@" in str(nordwind["owner"])
    assert len(rows) == 12
    assert bench.source().read_partners() in ([], ())
