"""Takes docs/pipeline.png: `python -m tests.sandbox.screenshot`."""

from pathlib import Path

from connector.sandbox.server import Sandbox
from tests.sandbox.assigned import assign
from tests.sandbox.browser import browser, resized

PICTURE = Path(__file__).parents[2] / "docs" / "pipeline.png"


def main(path: Path = PICTURE) -> None:
    """Photograph the Salesforce board of a distributed sandbox."""
    with Sandbox(seed=12, leads=120) as sandbox, browser() as driver:
        page = resized(driver, 1440, 860)
        sandbox.run(assign, sandbox)
        page.get(sandbox.salesforce_url + "/pipeline")
        path.parent.mkdir(exist_ok=True)
        page.save_screenshot(str(path))


if __name__ == "__main__":
    main()
