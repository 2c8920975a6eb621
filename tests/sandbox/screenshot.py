"""Takes docs/pipeline.png: `python -m tests.sandbox.screenshot [ADDRESS [FILE]]` of any running sandbox."""

import sys
from pathlib import Path

from connector.sandbox.server import Sandbox
from tests.sandbox.assigned import assign
from tests.sandbox.browser import browser, resized

PICTURE = Path(__file__).parents[2] / "docs" / "pipeline.png"


def photograph(address: str, path: Path) -> None:
    """The board at an address, as it looks on a desk."""
    path.parent.mkdir(exist_ok=True)
    with browser() as driver:
        page = resized(driver, 1440, 860)
        page.get(address + "/pipeline")
        page.save_screenshot(str(path))


def main(address: str | None = None, path: str | Path = PICTURE) -> None:
    """Photograph a running sandbox, or one of its own whose leads were given to partners."""
    if address is not None:
        photograph(address, Path(path))
        return
    with Sandbox(seed=12, leads=120) as sandbox:
        sandbox.run(assign, sandbox)
        photograph(sandbox.salesforce_url, Path(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
