"""The Dockerfile is clean, and its steps work in an empty folder: no container engine is needed to know."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_dockerfile_is_clean() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_runs_as_nobody_special_and_stops_on_sigterm() -> None:
    found = instructions()
    assert [word for word, _ in found].count("FROM") == 2
    assert ("USER", "10001") in found
    assert ("STOPSIGNAL", "SIGTERM") in found
    assert any(word == "HEALTHCHECK" and '"check", "--running"' in rest for word, rest in found)
    assert ("ENTRYPOINT", '["connector"]') in found


def test_lock_files_name_hashes_and_no_index() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        packages = re.findall(r"^[a-z0-9][^\n]*==", text, re.MULTILINE)
        assert len(packages) > 20
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9])", text) if block)


def test_a_production_install_carries_no_sandbox() -> None:
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "locks/production.txt").read_text(), re.MULTILINE))
    assert {
        "simple-salesforce",
        "hubspot-api-client",
        "apscheduler",
        "sqlmodel",
        "tenacity",
        "structlog",
    } <= names
    assert not names & {"starlette", "uvicorn", "faker", "lark", "pytest", "selenium", "mypy"}


@pytest.mark.slow
def test_its_steps_work_in_a_clean_folder(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    src = tmp_path / "src"
    src.mkdir()
    for word, rest in instructions()[: _second_stage()]:
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                _copy(ROOT / source, src / target, many=len(sources) > 1)
        elif word == "RUN":
            command = rest.replace("python -m venv", f"{sys.executable} -m venv").replace(
                "/opt/connector", str(venv)
            )
            subprocess.run(command, shell=True, cwd=src, check=True, capture_output=True)  # noqa: S602
    shutil.copy(ROOT / "config.toml", tmp_path)
    done = subprocess.run(
        [venv / "bin/connector", "check", "--offline"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "12 partners" in done.stdout


def _second_stage() -> int:
    return [i for i, (word, _) in enumerate(instructions()) if word == "FROM"][1]


def _copy(source: Path, target: Path, *, many: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        return
    place = target / source.name if many else target
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, place)
