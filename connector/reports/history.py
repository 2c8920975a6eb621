"""What a change of the rules was, line by line."""

from difflib import unified_diff

import orjson

from connector.store.versions import Rules


def changes_in(before: Rules | None, after: Rules) -> list[str]:
    """A unified diff of config.toml, the files that it names, and the partners that CRMs maintain."""
    old, new = _texts(before), _texts(after)
    return [
        line
        for name in sorted(old.keys() | new.keys(), key=lambda name: (name != "config.toml", name))
        for line in unified_diff(
            old.get(name, "").splitlines(), new.get(name, "").splitlines(), name, name, lineterm=""
        )
    ]


def _texts(rules: Rules | None) -> dict[str, str]:
    if rules is None:
        return {}
    rows = {f"partners of {crm}": _rows(of) for crm, of in rules.roster.items()}
    return {"config.toml": rules.text, **rules.files, **rows}


def _rows(rows: list[dict[str, object]]) -> str:
    return "\n".join(sorted(orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() for row in rows))
