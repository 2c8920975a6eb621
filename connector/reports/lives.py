"""What partners made of a lead, step by step, in words."""

from collections.abc import Mapping, Sequence

from connector.store.claims import TOO_LATE
from connector.store.life import Step

_BY = {"crm": "in the CRM", "command": "on the command line", "clock": "by the clock", "link": "by a link"}


def life(steps: Sequence[Step], names: Mapping[str, str]) -> str:
    """The lives of a lead's assignments, a line a step; `names` are partner names by id."""
    return "\n".join(["  what became of it", *(_line(step, names) for step in steps)])


def _line(step: Step, names: Mapping[str, str]) -> str:
    where = _BY.get(step.by, "by the rules")
    who = f", {step.who}" if step.who else ""
    because = f": {step.because}" if step.because and step.because != step.state else ""
    partner = names.get(step.partner, step.partner)
    late = because.startswith(f": {TOO_LATE}")
    state = TOO_LATE.removesuffix(": ") if late else step.state
    because = because.replace(TOO_LATE, "", 1)
    return f"    {step.at:%Y-%m-%d %H:%M} UTC  {state} ({partner}) {where}{who}{because}"
