"""A package that offers a kind of CRM is found once it is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.builders import ROOT

CONFIG = """
[crm.file]
kind = "csv"
file = "leads.csv"
owners = ["queue:Intake", "user:anna@x.example"]
take_from = ["queue:Intake"]
write = { partner = "partner" }
[[partner]]
id = "anna"
name = "Anna"
owners.file = ["user:anna@x.example"]
[[route]]
name = "all"
"""
HEADER = "id,owner,created_at,changed_at,deleted,merged_into,notes,won,amount,partner\n"
LEAD = "1,queue:Intake,2026-11-01T00:00:00Z,2026-11-01T00:00:00Z,,,,,,\n"


def connector(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "installed"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "connector", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def install(folder: Path) -> None:
    """What pip leaves behind of the example: its module, and the metadata with the entry point."""
    metadata = folder / "installed/connector_csv_source-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    shutil.copy(ROOT / "examples/csv_source/csv_source.py", folder / "installed")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: connector-csv-source\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text("[connector.sources]\ncsv = csv_source:KIND\n")


def test_an_installed_kind_works_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('mode = "live"\n' + CONFIG)
    (tmp_path / "leads.csv").write_text(HEADER + LEAD)
    (tmp_path / "installed").mkdir()
    unknown = connector(tmp_path, "check", "--offline")
    assert unknown.returncode == 2
    assert "config.toml:4:8: kind must be one of salesforce, hubspot" in unknown.stderr
    shutil.rmtree(tmp_path / "installed")
    install(tmp_path)
    assert connector(tmp_path, "check").returncode == 0
    assert connector(tmp_path, "sync").returncode == 0
    assert "user:anna@x.example" in (tmp_path / "leads.csv").read_text()
    assert ",Anna" in (tmp_path / "leads.csv").read_text()
