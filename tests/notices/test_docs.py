"""What docs/notices.md shows is a config that works."""

import re
from pathlib import Path

import toml_rs

from connector.notices.settings import NoticesSettings
from connector.notices.templates import EXAMPLE, render, understand_template
from connector.routing.partner_settings import PartnerSettings
from tests.builders import ROOT

PAGE = (ROOT / "docs/notices.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_tables_are_as_shown_and_show_the_defaults() -> None:
    shown = toml_rs.loads(blocks("toml")[0])
    settings = NoticesSettings.model_validate(shown["notices"])
    (partner,) = [PartnerSettings.model_validate(one) for one in shown["partner"]]
    assert partner.contacts == {"sales": "mailto:leads@nordwind-it.example"}
    plain = NoticesSettings()
    for key in ("tell", "tries", "timeout", "most_per_hour"):
        assert getattr(settings, key) == getattr(plain, key)
    NoticesSettings.model_validate(toml_rs.loads(blocks("toml")[1])["notices"])


def test_the_template_is_one() -> None:
    assert render(understand_template(blocks("jinja")[0]), EXAMPLE).subject == "A lead from … for …"


def test_the_shipped_config_shows_every_key() -> None:
    lines = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("# [notices]"))
    end = next(place for place in range(begin, len(lines)) if not lines[place])
    shown = toml_rs.loads("\n".join(line.removeprefix("# ") for line in lines[begin:end]))["notices"]
    assert shown.keys() == NoticesSettings.model_fields.keys()
    NoticesSettings.model_validate(shown)


def test_shipped_templates_are_packed() -> None:
    packed = toml_rs.loads((Path(ROOT) / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    assert packed["connector.notices"] == ["templates/*.txt"]
