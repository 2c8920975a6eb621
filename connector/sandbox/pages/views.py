"""What the pipeline pages answer; all state is read through `columns` and `detail`."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connector.sandbox.cards import Column, Detail
from connector.sandbox.pages.looks import hue, initials, money, percent
from connector.sandbox.programme import PARTNER_COMPANIES

CARDS, MANY_CARDS = 50, 1000


class Crm(Protocol):
    """What a page needs of a CRM's state."""

    def columns(self, partner: str | None = None, limit: int = 50, object: str = ...) -> list[Column]: ...

    def detail(self, record_id: str, object: str = ...) -> Detail: ...


@dataclass(frozen=True)
class Theme:
    """How a CRM's pages call things; `tabs` are (object, label), the first is shown first.

    On the first tab the column `first` leads the others, which follow by name; else they stand as given.
    """

    crm: str
    title: str
    tabs: tuple[tuple[str, str], ...]
    not_found: type[Exception]
    first: str = ""


_pages = Environment(
    loader=PackageLoader("connector.sandbox.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.filters.update(hue=hue, initials=initials, money=money, percent=percent)


def pipeline_routes(crm: Crm, theme: Theme) -> list[Route]:
    """The routes of one CRM's pages."""
    site = _Site(crm, theme)
    return [
        Route("/", site.home),
        Route("/pipeline", site.board),
        Route("/pipeline/style.css", site.style),
        Route("/pipeline/{record_id}", site.record),
    ]


class _Site:
    def __init__(self, crm: Crm, theme: Theme) -> None:
        self._crm = crm
        self._theme = theme

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/pipeline")

    async def style(self, request: Request) -> Response:
        return Response(_pages.get_template("style.css").render(), media_type="text/css")

    async def board(self, request: Request) -> Response:
        chosen = self._tab(request)
        partner = request.query_params.get("partner") or None
        limit = MANY_CARDS if "more" in request.query_params else CARDS
        columns = self._ordered(chosen, self._crm.columns(partner=partner, limit=limit, object=chosen))
        return self._page(
            "board.html",
            chosen=chosen,
            partner=partner,
            may_show_more=limit == CARDS,
            partners=_partners(columns, partner),
            columns=columns,
            total=sum(column.total for column in columns),
        )

    async def record(self, request: Request) -> Response:
        chosen = self._tab(request)
        record_id = request.path_params["record_id"]
        try:
            detail = self._crm.detail(record_id, object=chosen)
        except self._theme.not_found:
            return self._page("missing.html", status=404, chosen=chosen, record_id=record_id)
        return self._page("record.html", chosen=chosen, detail=detail, history=_by_moment(detail))

    def _tab(self, request: Request) -> str:
        asked = request.query_params.get("object", "")
        known = [name for name, _ in self._theme.tabs]
        return asked if asked in known else known[0]

    def _ordered(self, tab: str, columns: list[Column]) -> list[Column]:
        if not self._theme.first or tab != self._theme.tabs[0][0]:
            return columns
        return sorted(columns, key=lambda column: (column.name != self._theme.first, column.name))

    def _page(self, template: str, status: int = 200, **values: object) -> Response:
        page = _pages.get_template(template).render(theme=self._theme, **values)
        return HTMLResponse(page, status_code=status)


def _by_moment(detail: Detail) -> list[tuple[datetime, str, list[str]]]:
    """The history with what one person did at one moment together."""
    moments = groupby(detail.history, key=lambda entry: (entry[0].replace(microsecond=0), entry[1]))
    return [(when, who, [what for _, _, what in entries]) for (when, who), entries in moments]


def _partners(columns: list[Column], chosen: str | None) -> list[str]:
    on_cards = {card.partner for column in columns for card in column.cards if card.partner}
    return sorted(
        {company.name for company in PARTNER_COMPANIES} | on_cards | ({chosen} if chosen else set())
    )
