"""The pipeline pages in a real browser, on a desk and on a phone."""

import html
import re
from collections.abc import Iterator

import pytest
import requests
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from connector.sandbox.server import Sandbox
from tests.sandbox.assigned import assign
from tests.sandbox.browser import browser, missing, resized
from tests.sandbox.conftest import START

CRMS = ("salesforce", "hubspot")
HOSTILE = {
    "first_name": "<script>document.title='broken'</script>",
    "last_name": "O'Hara & Söhne",
    "company": '"><img src=x>',
}
# Relative luminance and contrast as WCAG 2.2 defines them.
CONTRAST = """
const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
                       return [...canvas.getImageData(0, 0, 1, 1).data]; };
const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
                      if (c[3] > 250) return c; } return [255, 255, 255]; };
const poor = [];
for (const e of document.querySelectorAll("main *")) {
  const words = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!words || !e.checkVisibility()) continue;
  const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) poor.push(e.className + " " + e.textContent.trim().slice(0, 30));
}
return poor;
"""

needs_browser = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is there")


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    """A sandbox whose leads were distributed, and one lead with a hostile name."""
    from connector.sandbox.clock import SandboxClock

    with Sandbox(seed=2, leads=140, clock=SandboxClock(START)) as sandbox:
        sandbox.run(assign, sandbox)
        sandbox.run(sandbox.org.add_leads, [HOSTILE])
        sandbox.run(sandbox.portal.add_leads, [HOSTILE])
        yield sandbox


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with browser() as driver:
        yield driver


@pytest.fixture
def desk(driver: Chrome) -> Chrome:
    return resized(driver, 1400, 900)


@pytest.fixture
def phone(driver: Chrome) -> Chrome:
    return resized(driver, 390, 844, phone=True)


def _address(sandbox: Sandbox, crm: str) -> str:
    return sandbox.salesforce_url if crm == "salesforce" else sandbox.hubspot_url


def _texts(driver: Chrome, selector: str) -> list[str]:
    return [
        str(each.get_property("innerText")).strip()
        for each in driver.find_elements(By.CSS_SELECTOR, selector)
    ]


def _follow(driver: Chrome, element: WebElement) -> None:
    """Click, and wait until another page is there whole; the old one is known by a mark on its window."""
    driver.execute_script("window.left = true")
    element.click()
    WebDriverWait(driver, 10, ignored_exceptions=[WebDriverException]).until(
        lambda page: page.execute_script("return !window.left && document.readyState === 'complete'")
    )


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_the_board_accounts_for_every_lead(sandbox: Sandbox, desk: Chrome, crm: str) -> None:
    desk.get(_address(sandbox, crm))
    assert desk.current_url.endswith("/pipeline")
    total = int(desk.find_element(By.CLASS_NAME, "count").text.split()[0])
    assert total == sum(int(each) for each in _texts(desk, "h2 .total")) >= 119
    assert {"Assigned", "Held", "Nurture", "Rejected"} <= {
        each.rsplit(maxsplit=1)[0] for each in _texts(desk, ".column h2")
    }


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_every_assigned_card_names_its_partner_and_its_owner(
    sandbox: Sandbox, desk: Chrome, crm: str
) -> None:
    desk.get(_address(sandbox, crm))
    column = next(each for each in desk.find_elements(By.CLASS_NAME, "column") if "Assigned" in each.text)
    cards = [card.get_property("innerText") for card in column.find_elements(By.CLASS_NAME, "card")]
    assert cards
    assert all(
        "Partner:" in str(card) and "Owner" in str(card) and "Nobody" not in str(card) for card in cards
    )


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_the_filter_shows_one_partner_only(sandbox: Sandbox, desk: Chrome, crm: str) -> None:
    desk.get(_address(sandbox, crm))
    Select(desk.find_element(By.ID, "partner")).select_by_visible_text("Fjord Solutions AS")
    _follow(desk, desk.find_element(By.CSS_SELECTOR, "form button"))
    partners = set(_texts(desk, ".card .partner > span:last-child"))
    assert {each.removeprefix("Partner:").strip() for each in partners} == {"Fjord Solutions AS"}
    assert "with Fjord Solutions AS" in desk.find_element(By.CLASS_NAME, "count").text
    _follow(desk, desk.find_element(By.LINK_TEXT, "Show all"))
    assert len(set(_texts(desk, ".card .partner"))) > 5


@pytest.mark.parametrize("crm", CRMS)
def test_a_long_column_shows_more_when_asked(sandbox: Sandbox, crm: str) -> None:
    address = _address(sandbox, crm)
    page = requests.get(address + "/pipeline", timeout=5).text
    more = re.findall(r'href="(/pipeline[^"]*more=1[^"]*)">and [1-9]\d* more', page)
    assert more
    whole = requests.get(address + html.unescape(more[0]), timeout=5).text
    assert (
        page.count('class="card"')
        < whole.count('class="card"')
        == sum(int(total) for total in re.findall(r'class="total">(\d+)', whole))
    )


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_a_card_leads_to_the_reason_and_the_history(sandbox: Sandbox, desk: Chrome, crm: str) -> None:
    desk.get(_address(sandbox, crm) + "/pipeline?partner=Fjord+Solutions+AS")
    name = desk.find_element(By.CSS_SELECTOR, ".card h3 a")
    title = name.text
    _follow(desk, name)
    assert desk.find_element(By.TAG_NAME, "h1").text == title
    assert "was next in the rotation" in desk.find_element(By.CLASS_NAME, "reason").text
    history = desk.find_element(By.CLASS_NAME, "history").text
    assert "Fjord Solutions AS" in history
    assert "Created" in history
    assert START.strftime("%d %b %Y") in history


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("path", ["/pipeline", "/pipeline?partner=Fjord+Solutions+AS", "a card"])
def test_a_phone_need_not_scroll_sideways(sandbox: Sandbox, phone: Chrome, crm: str, path: str) -> None:
    phone.get(_address(sandbox, crm) + ("/pipeline" if path == "a card" else path))
    if path == "a card":
        phone.get(str(phone.find_element(By.CSS_SELECTOR, ".card h3 a").get_attribute("href")))
    assert phone.execute_script("return document.documentElement.scrollWidth") <= 390
    assert phone.execute_script("return innerWidth") == 390


@needs_browser
def test_on_a_phone_one_column_fills_the_screen_and_the_next_can_be_seen(
    sandbox: Sandbox, phone: Chrome
) -> None:
    phone.get(sandbox.hubspot_url)
    first, second = phone.find_elements(By.CLASS_NAME, "column")[:2]
    assert 300 < first.rect["width"] < 360
    assert second.rect["x"] < 390


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_all_text_can_be_read_against_its_ground(sandbox: Sandbox, desk: Chrome, crm: str) -> None:
    desk.get(_address(sandbox, crm))
    assert desk.execute_script(CONTRAST) == []
    _follow(desk, desk.find_element(By.CSS_SELECTOR, ".card h3 a"))
    assert desk.execute_script(CONTRAST) == []


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_pages_load_nothing_from_elsewhere_and_run_no_script(
    sandbox: Sandbox, desk: Chrome, crm: str
) -> None:
    desk.get(_address(sandbox, crm))
    loaded = desk.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
    assert loaded
    assert all(name.startswith(_address(sandbox, crm)) for name in loaded)
    assert desk.find_elements(By.TAG_NAME, "script") == []


@needs_browser
@pytest.mark.parametrize("crm", CRMS)
def test_a_hostile_name_is_only_a_name(sandbox: Sandbox, desk: Chrome, crm: str) -> None:
    desk.get(_address(sandbox, crm))
    card = next(each for each in desk.find_elements(By.CLASS_NAME, "card") if "O'Hara" in each.text)
    assert HOSTILE["first_name"] in card.text
    assert HOSTILE["company"] in card.text
    assert desk.title.startswith("Pipeline")


@pytest.mark.parametrize("crm", CRMS)
def test_a_record_that_is_gone_says_so(sandbox: Sandbox, crm: str) -> None:
    answer = requests.get(_address(sandbox, crm) + "/pipeline/4711", timeout=5)
    assert answer.status_code == 404
    assert "There is no record 4711" in answer.text


@pytest.mark.parametrize("crm", CRMS)
def test_deals_have_a_board_by_stage(sandbox: Sandbox, crm: str) -> None:
    tab = "Opportunity" if crm == "salesforce" else "deals"
    answer = requests.get(f"{_address(sandbox, crm)}/pipeline?object={tab}", timeout=5)
    assert answer.ok
    assert 'aria-current="page">' in answer.text
