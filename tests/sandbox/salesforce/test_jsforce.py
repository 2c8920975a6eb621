"""The contract through a client that shares nothing with ours: jsforce on Node."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Served

SUITE = Path(__file__).parent / "jsforce"
FILES = ("package.json", "package-lock.json", "contract.test.mjs")
NODE, NPM = shutil.which("node"), shutil.which("npm")


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> Path:
    """A folder with the suite and its one package, kept for the next run of the same lock file."""
    if not NODE or not NPM:
        pytest.skip("node and npm are not installed")
    lock = hashlib.sha256((SUITE / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = Path(request.config.cache.mkdir(f"salesforce-node-{lock}"))
    for name in FILES:
        shutil.copy(SUITE / name, folder / name)
    if not (folder / "node_modules" / ".package-lock.json").exists():
        install(folder)
    return folder


def install(folder: Path) -> None:
    """Install what the lock file names, or skip where npm cannot."""
    command = [str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install jsforce within three minutes")
    if done.returncode:
        pytest.skip(f"npm could not install jsforce: {done.stderr.strip()[-200:]}")


def test_jsforce_finds_what_it_expects(installed: Path, served: Served, org: Org) -> None:
    served.run(org.declare_field, "Lead", "Web_Id__c", size="40", flags="EIQ")
    seed = ({"last_name": f"Seed {n}", "company": "C", "lead_source": "Seed"} for n in range(2500))
    served.run(org.add_leads, seed, owners="intake")
    environment = {**os.environ, "SANDBOX": served.url, "NO_COLOR": "1"}
    command = [str(NODE), "--test", "--test-reporter=tap", "contract.test.mjs"]
    done = subprocess.run(
        command, cwd=installed, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    passed = re.search(r"^# pass (\d+)$", done.stdout, re.M)
    assert done.returncode == 0, done.stdout
    assert passed
    assert int(passed.group(1)) == (SUITE / "contract.test.mjs").read_text().count("\ntest(")
