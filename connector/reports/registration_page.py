"""The rules of deal registration in plain words, for partners to read."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.model.durations import in_words
from connector.routing.registration.settings import DealRegistrationSettings, RewardSettings

_ON_CONFLICT = {
    "conflict": "it is in conflict until that one is gone",
    "reject": "it is rejected",
    "review": "a person decides",
}
_PRODUCTS = {
    "ignore": "whatever the products",
    "weaken": "and where the products differ, a person decides",
    "separate": "unless the products differ",
}


def registration_rules(rules: DealRegistrationSettings) -> Iterator[str]:
    """The rules as lines of Markdown."""
    yield from ("", "## Deal registration", "")
    yield f"A registration names at least its {_all(rules.required)}; one that lacks something comes back."
    for stage, names in rules.required_at_stage.items():
        yield f"At the stage {stage} it also names its {_all(names)}."
    yield from _who(rules)
    yield from ("", *_conflicts(rules))
    yield from ("", *_times(rules))
    if rules.reward:
        yield from ("", f"A won deal earns {'; '.join(map(_reward, rules.reward))}.")


def _who(rules: DealRegistrationSettings) -> Iterator[str]:
    if rules.tiers is not None:
        yield f"Only {_all(rules.tiers)} partners register deals."
    for tier, most in rules.open_at_once.items():
        yield f"A {tier} partner has at most {most} open at once."
    if rules.products_must_be_authorised:
        yield "A product that a partner is not authorised for is rejected."


def _conflicts(rules: DealRegistrationSettings) -> Iterator[str]:
    yield (
        "The first valid submission wins, by the time that the CRM recorded, whichever CRM it was made in; "
        "of two in one second the higher tier is first, then the lower record number. "
        "A registration that was returned counts from when it was completed."
    )
    yield (
        "It is in conflict with an earlier registration, a lead that another partner was assigned earlier, "
        "a registration that was won or a deal of the vendor that is open or was closed in the last "
        f"{_days(rules.recently_closed)}, or a named account: by e-mail address, domain, or name with "
        f"country, {_PRODUCTS[rules.products]}. Then {_ON_CONFLICT[rules.on_conflict]}. "
        "What is only alike is decided by a person."
    )
    if rules.approve == "by_person":
        yield "Every registration is approved by a person."
    else:
        yield "Without a conflict it is approved as soon as every CRM has been read past its submission."
    yield (
        "A person may decide otherwise at any time by changing the record in the CRM: its status, the end of "
        "its protection or who is credited. That stands."
    )
    if rules.register_again_after:
        pause = _days(rules.register_again_after)
        yield f"After a rejection or an expiry, {pause} pass before the customer may be registered again."


def _times(rules: DealRegistrationSettings) -> Iterator[str]:
    yield f"A person decides within {rules.decide_within}."
    yield f"An approval protects for {_days(rules.protect_for)}."
    if rules.remind_before:
        before = _all([_days(each) for each in rules.remind_before])
        yield f"Its partner is reminded {before} before the end."
    extensions = rules.extensions
    if extensions.most:
        who = "there are" if extensions.grant == "automatically" else "a person may grant"
        number = "one extension" if extensions.most == 1 else f"up to {extensions.most} extensions"
        yield f"On request {who} {number} of {_days(extensions.each)} each."
    yield f"One that was returned and not answered expires after {_days(rules.answer_within)}."
    to = {"to_partner": "to its partner", "to_channel_manager": "to the channel manager"}[rules.new_leads]
    yield f"A new lead of a registered customer goes {to}; one that somebody has already stays there."


def _reward(rule: RewardSettings) -> str:
    who = f"{_all(rule.tier)} partners " if rule.tier else "others " if rule.most is None else ""
    most = f", at most {rule.most:,.0f}" if rule.most else ""
    return f"{who}{rule.percent:g} %{most}"


def _days(span: timedelta) -> str:
    return in_words(span)


def _all(words: Sequence[str]) -> str:
    plain = [word.replace("_", " ") for word in words]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}" if plain else "nothing"
