"""Mistakes in whom notices go to, and in the templates of the admin's own."""

from collections.abc import Iterator, Mapping

from connector.config.problems import nearest
from connector.config.settings import Settings
from connector.model.contact import mail_of
from connector.notices.settings import ESCALATION, MANAGER, VENDOR
from connector.notices.templates import mistakes
from connector.routing.policy import Where


def notice_checks(settings: Settings) -> Iterator[tuple[Where, str]]:
    """Mail without a server, roles that nobody has, and links of CRMs that there are not."""
    notices = settings.notices
    contacts: list[tuple[Where, str]] = [
        (("partner", place, "contacts", role), contact)
        for place, partner in enumerate(settings.partner)
        for role, contact in partner.contacts.items()
    ]
    if notices is None:
        return
    for role, contact in ((MANAGER, notices.channel_manager), (ESCALATION, notices.escalation)):
        if contact:
            contacts.append((("notices", role), contact))
    for where, contact in contacts:
        if mail_of(contact) and notices.smtp is None:
            yield where, 'mail needs a server; add smtp = "env:NOTICES_SMTP" to [notices]'
            break
    known = sorted({role for partner in settings.partner for role in partner.contacts} | {*VENDOR})
    for kind in notices.tell.model_fields_set:
        for role in getattr(notices.tell, kind):
            if role not in known:
                yield ("notices", "tell", kind), f"nobody has the role {role!r}{nearest(role, known)}"
    for role in notices.digest.to if notices.digest else ():
        if role not in known:
            yield ("notices", "digest", "to"), f"nobody has the role {role!r}{nearest(role, known)}"
    for crm in notices.links:
        if crm not in settings.crm:
            yield ("notices", "links", crm), f"there is no crm {crm!r}{nearest(crm, settings.crm)}"


def template_mistakes(settings: Settings, files: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """What is wrong with the templates of the admin's own: file, line, and what."""
    if settings.notices:
        yield from mistakes(settings.notices.templates.files(), files)
