"""Lead files: what is read, and what is said about those that cannot be."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.sandbox.leadfile import LeadFileError, parse_mapping, read, split


def _file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "leads.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_mapped_columns_get_neutral_names_and_others_keep_theirs(tmp_path: Path) -> None:
    path = _file(tmp_path, "Name,E-Mail,Lead Number\nMeier,a@b.example,17\nRossi,,18\n")
    assert list(read(path, {"last_name": "Name", "email": "E-Mail"})) == [
        {"last_name": "Meier", "email": "a@b.example", "Lead Number": "17"},
        {"last_name": "Rossi", "email": None, "Lead Number": "18"},
    ]


def test_columns_named_like_a_field_need_no_mapping(tmp_path: Path) -> None:
    path = _file(tmp_path, "email,employees\na@b.example,12\n")
    assert list(read(path, {})) == [{"email": "a@b.example", "employees": 12}]


def test_numbers_dates_and_yes_or_no_are_understood(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "expected_amount;sharing_consent;created_at\n12.5;Yes;2026-11-02T10:00+01:00\n;no;2026-11-02\n",
    )
    assert list(read(path, {})) == [
        {"expected_amount": 12.5, "sharing_consent": True, "created_at": "2026-11-02T09:00:00Z"},
        {"expected_amount": None, "sharing_consent": False, "created_at": "2026-11-02T00:00:00Z"},
    ]


def test_a_byte_order_mark_and_quoted_cells_are_fine(tmp_path: Path) -> None:
    path = _file(tmp_path, '\ufeffcompany,email\n"Müller, Söhne",a@b.example\n\n')
    assert list(read(path, {})) == [{"company": "Müller, Söhne", "email": "a@b.example"}]


def test_rows_go_to_the_two_crms_in_turn(tmp_path: Path) -> None:
    path = _file(tmp_path, "email\na\nb\nc\n")
    first, second = split(path, {})
    assert [lead["email"] for lead in first] == ["a", "c"]
    assert [lead["email"] for lead in second] == ["b"]


def test_rows_can_all_go_to_one_crm(tmp_path: Path) -> None:
    path = _file(tmp_path, "email\na\nb\n")
    for into, counts in (("salesforce", (2, 0)), ("hubspot", (0, 2))):
        assert tuple(len(list(leads)) for leads in split(path, {}, into)) == counts


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["emial=E-Mail"], 'There is no field "emial"; did you mean "email"?'),
        (["E-Mail"], '"E-Mail" is not FIELD=COLUMN'),
        (["email=A", "email=B"], 'email is mapped twice, to "A" and "B"'),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(pairs: list[str], message: str) -> None:
    with pytest.raises(LeadFileError) as caught:
        parse_mapping(pairs)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; its first line must name the columns"),
        ("email\n", "has a header but no rows"),
        ("E-Mail,Name\na,b\n", 'there is no column "Email" for email; did you mean "E-Mail"?'),
        ("Email,Email\na,b\n", 'has the column "Email" twice'),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LeadFileError) as caught:
        read(_file(tmp_path, text), {"email": "Email"})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("email\na\nb,c\n", "line 3 has 2 cells, but the header names 1 columns"),
        ("employees\n51-200\n", 'line 2: employees must be a number, not "51-200"'),
        ("authority\nmaybe\n", 'line 2: authority must be yes or no, not "maybe"'),
        ("created_at\nyesterday\n", 'line 2: created_at must be an ISO date and time, not "yesterday"'),
    ],
)
def test_a_broken_row_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LeadFileError) as caught:
        list(read(_file(tmp_path, text), {}))
    assert message in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(LeadFileError, match="There is no file"):
        read(tmp_path / "nothing.csv", {})
    with pytest.raises(LeadFileError, match="cannot be read"):
        read(tmp_path, {})


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = _file(tmp_path, "company\nMüller\n", "latin-1")
    with pytest.raises(LeadFileError, match=r"is not UTF-8 .byte 0xfc.; save it as UTF-8"):
        list(read(path, {}))


def test_a_real_lead_file_is_read_whole() -> None:
    folder = os.environ.get("CONNECTOR_DATA")
    if not folder:
        pytest.skip("CONNECTOR_DATA names no folder with real lead files")
    mapping = parse_mapping(["country=Country", "city=City", "lead_source=Lead Source"])
    first, second = (list(leads) for leads in split(Path(folder) / "x_education" / "leads.csv", mapping))
    assert (len(first), len(second)) == (3234, 3234)
    assert first[0]["country"] == "India"
    assert first[0]["Lead Number"] == "660728"


@given(
    st.lists(st.text("ab,;\"'\n\r\t0123-.@:T+Zé\x00\u200b", max_size=40), max_size=4),
    st.sampled_from(["email,employees,created_at\n", "email;sharing_consent\n", "", "a\tb|c\n"]),
    st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_file_is_read_or_told(tmp_path: Path, rows: list[str], heading: str, encoding: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes((heading + "\n".join(rows)).encode(encoding, "replace"))
    try:
        assert all(isinstance(lead, dict) for lead in read(path, {}))
    except LeadFileError as error:
        said = str(error)
    else:
        return
    assert "leads.csv" in said
