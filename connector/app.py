"""Opens everything named in the settings; the only place that wires."""

import getpass
import logging
import os
import platform
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from random import Random
from time import monotonic
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import structlog

from connector.config import Config
from connector.config.files import without_passwords
from connector.config.roster import Roster, with_roster
from connector.model.contact import mail_of
from connector.model.decision import Reason
from connector.notices.book import Addresses, Book
from connector.notices.post import Address, ApprisePost
from connector.notices.settings import ESCALATION, MANAGER
from connector.notices.teller import Teller
from connector.notices.templates import templates_of
from connector.routing.policy import Policy
from connector.routing.reasons import say
from connector.routing.registration.words import say as say_of_registration
from connector.sources.base import Source
from connector.sources.registry import open_source
from connector.sources.secrets import secret
from connector.store import Store
from connector.store.brake import Limits
from connector.store.engine import StoreTrouble
from connector.store.versions import Rules, Use
from connector.sync.cycle import Cycle, Tell
from connector.sync.keeping import Keeping
from connector.sync.means import Line, Progress, quietly
from connector.sync.stopping import Stop


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def host_name() -> str:
    """What this machine calls itself."""
    return platform.node() or "localhost"


def user_name() -> str:
    """Who runs this process, by number where the machine knows no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def limits(config: Config) -> Limits:
    """The safety limits of a config."""
    safety = config.settings.safety
    return Limits(safety.max_writes_per_hour, safety.max_owner_changes_per_hour)


def addresses(config: Config) -> Addresses:
    """Where each role of each partner is told; MissingSecret if a secret is not there."""
    settings = config.settings.notices
    if settings is None:
        return {}
    contacts = {(one.id, role): to for one in config.settings.partner for role, to in one.contacts.items()}
    for role, contact in ((MANAGER, settings.channel_manager), (ESCALATION, settings.escalation)):
        if contact:
            contacts["", role] = contact
    server = secret(settings.smtp, config.folder) if settings.smtp else ""
    return {
        who: Address(server, mail_of(to)) if mail_of(to) else Address(secret(to, config.folder))
        for who, to in contacts.items()
    }


class App:
    """A config's store, CRM connections and cycle; a context manager that closes them.

    Raises StoreUnusable or MissingSecret when something named in the config is not there.
    """

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime] = system_clock,
        random: Random | None = None,
        stop: Stop | None = None,
        progress: Progress = quietly,
        unhurried: bool = True,
    ):
        self.config = config
        self.stop = stop or Stop()
        self._closing = ExitStack()
        settings = config.settings
        with self._closing as opened:
            self.sources: dict[str, Source] = {}
            for name, crm in settings.crm.items():
                self.sources[name] = open_source(name, crm, config.folder)
                opened.callback(self.sources[name].close)
            self.store = Store.open(settings.store, config.folder)
            opened.callback(self.store.close)
            self._closing = opened.pop_all()
        self._now = now
        self._in_use(config, {})
        self.cycle = Cycle(
            policy=config.policy,
            store=self.store,
            lines={name: self._line(name) for name in settings.crm},
            schedule=settings.schedule,
            config_hash=config.hash,
            now=now,
            random=random or Random(),  # noqa: S311  # jitter, not a secret
            stop=self.stop,
            host=host_name(),
            ticks=monotonic if now is system_clock else None,
            limits=limits(config),
            progress=progress,
            with_partners=self._with_partners,
            tell=self._teller(),
            unhurried=unhurried,
            keeping=Keeping(settings.store.keep_personal_data, settings.store.erase_deleted_after),
        )
        self._closing.callback(self._leave)

    def _teller(self) -> Tell | None:
        """Who tells people, where `[notices]` says so and anything is live: in shadow nobody is told."""
        settings = self.config.settings.notices
        if settings is None or not any(self._line(crm).live for crm in self.sources):
            return None
        book = Book(
            settings,
            templates_of(settings.templates.files(), self.config.files),
            addresses(self.config),
            {partner.id: partner.name for partner in self.config.policy.partners.values()},
            ZoneInfo(self.config.settings.timezone),
            lambda partner: self.config.policy.attendance.of(partner).zone,
            lambda code, facts: say(Reason(code, facts)),
            lambda code, facts: say_of_registration(Reason(code, facts)),
        )
        teller = Teller(book, self.store, ApprisePost(settings.timeout), self._now)
        teller.begin()
        return teller.tell

    def _leave(self) -> None:
        with suppress(StoreTrouble):  # without a database others take over when the leases lapse
            self.cycle.leave()

    def _line(self, crm: str) -> Line:
        settings = self.config.settings.crm[crm]
        return Line(
            source=self.sources[crm],
            kind=settings.kind,
            live=(settings.mode or self.config.settings.mode) == "live",
            most_calls_a_day=settings.max_api_calls_per_day,
            leader_crm=settings.linked_record.crm if settings.linked_record else None,
            notes=settings.note is not None,
            roster=settings.roster is not None,
            account=settings.account,
        )

    def _with_partners(self, roster: Roster) -> tuple[Policy, str]:
        rules = with_roster(self.config, roster)
        self._in_use(rules, roster)
        return rules.policy, rules.hash

    def _in_use(self, config: Config, roster: Roster) -> None:
        """Keep the rules before the first decision is made by them."""
        texts = {name: without_passwords(text) for name, text in config.files.items()}
        rules = Rules(config.hash, without_passwords(config.text), texts, roster)
        by = f"{user_name()}@{host_name()}"
        self.store.note_use(rules, Use(config.hash, self._now(), by, version("partner-lead-connector")))

    def owners(self, crm: str) -> list[str]:
        """Every owner that the config names for a CRM."""
        settings = self.config.settings
        named = [owner for partner in settings.partner for owner in partner.owners.get(crm, ())]
        taken = [owner for owner in settings.crm[crm].take_from if owner != "nobody"]
        crm_wide = [settings.crm[crm].fallback_owner, settings.crm[crm].offer_to]
        return list(dict.fromkeys([*taken, *filter(None, crm_wide), *named]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()


def configure_logs(*, lowest: int = logging.INFO, readable: bool | None = None) -> None:
    """Log events to standard error: one JSON object a line, or readable lines for a person."""
    as_text = sys.stderr.isatty() if readable is None else readable
    renderer = structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for noisy in ("apscheduler", "urllib3", "simple_salesforce", "psycopg"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
