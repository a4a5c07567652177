"""The province at work in a real browser: an instrument from its filing to its certificate, and who watches over it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from test_journey import CHROMIUM, FLAGS, SCREENSHOTS, SIZES, running_demo

from yuejingzhun.demo.province import PASSWORD
from yuejingzhun.platform.operations.verification.record_form import values_of
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.sample import sample_record

METERS, INSTITUTE = "JJG 596-2012", "演示广州市计量检定所"
STANDARD = "[2024]粤量标440100证字第006号"
# A folder that `yjz demo --scale province` has filled: the same journeys among six million instruments.
LOADED = os.environ.get("YJZ_JOURNEY_DATA", "")
AXE = Axe().axe_script
VIOLATIONS = """async () => (await axe.run()).violations
    .map(found => [found.id, found.help, ...found.nodes.map(node => node.html)])"""
# Words in letters that no Chinese and no digit stands with: what nobody translated. Codes and units stand in <code>,
# with digits, or are shorter.
UNTRANSLATED = """() => {
    const found = [], walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim();
        if (/[a-z]{4,}/.test(text) && !/[\\u4e00-\\u9fff0-9]/.test(text)
            && !walker.currentNode.parentElement.closest('code, pre, script, style')) found.push(text);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if LOADED:
        folder, scale = Path(LOADED), "province"
    else:
        folder, scale = tmp_path_factory.mktemp("province"), "small"
    with running_demo(folder, "--scale", scale) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Person:
    """Somebody with a browser of their own, in which every page is looked at on a desktop and on a telephone."""

    def __init__(self, browser: Browser, site: str, account: str = "") -> None:
        self.context = browser.new_context(viewport=SIZES["desktop"], locale="zh-CN")  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.site, self.account, self.errors = site, account or "anyone", list[str]()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        if account:
            self.page.goto(f"{site}/sign-in")
            self.page.fill("#id_username", account)
            self.page.fill("#id_password", PASSWORD)
            self.page.click("main button")
            self.page.wait_for_url("**/work")

    def go(self, address: str, name: str = "") -> None:
        answer = self.page.goto(address if address.startswith("http") else f"{self.site}{address}")
        assert answer is not None
        assert answer.status == 200, f"{self.account} {address}: {answer.status}"
        if name:
            self.look(name)

    def choose(self, text: str, name: str) -> None:
        """By the menu, as a person would."""
        self.page.click(f".menu a:text-is('{text}')")
        self.look(name)

    def press(self, text: str) -> None:
        self.page.click(f"main button:text-is('{text}')")

    def look(self, name: str) -> None:
        """At both sizes: not wider than the screen, no violation, no error, nothing left in English."""
        self.page.wait_for_load_state()
        self.page.evaluate(AXE)  # once a page; a run of its own at each size
        for size, viewport in SIZES.items():
            self.page.set_viewport_size(viewport)  # type: ignore[arg-type]
            width = self.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{name} is {width} px wide"
            found = self.page.evaluate(VIOLATIONS)
            assert found == [], f"{name} ({size})"
            if SCREENSHOTS:
                self.page.screenshot(path=f"{SCREENSHOTS}/{size}-{self.account}-{name}.png", full_page=True)
        self.page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]
        assert self.page.evaluate(UNTRANSLATED) == [], name
        assert self.errors == [], name

    def text(self) -> str:
        return self.page.inner_text("main")


@dataclass
class Story:
    """What one journey leaves for the next."""

    tag: str = ""
    certificate: str = ""
    sample: str = ""
    tested_before: int = 0


@pytest.fixture(scope="module")
def story(browser: Browser, site: str) -> Story:
    """One instrument's way, filed, applied for, received, tested, certified, sealed and given back."""
    told, serial = Story(), "旅程0001"
    told.tested_before = count_tested(Person(browser, site, "jianguan"))
    holder = Person(browser, site, "shiyong")
    application = apply_for(holder, told, serial)
    receptionist = Person(browser, site, "shoufa")
    receive(receptionist, application, told)
    certify(browser, site, told, serial)
    give_back(receptionist, told)
    holder.go(application, "application-closed")
    assert "已办结" in holder.text()
    return told


def count_tested(regulator: Person) -> int:
    """How many instruments of a county were tested this year, as the statistics say."""
    regulator.go("/mandatory/statistics?region=440106")
    return int(regulator.page.locator("dt:text-is('检定') + dd").inner_text().split()[0])


def apply_for(holder: Person, told: Story, serial: str) -> str:
    """File an instrument and apply for its verification; the address of the application."""
    page = holder.page
    holder.look("work")
    page.click("text=备案器具")
    holder.look("file")
    for name, value in {"name": "单相电能表", "model": "DDS-1", "serial": serial, "maker": "演示电表厂"}.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=accuracy_class]", "1")
    option = page.locator("[name=item] option", has_text="直接接入式电能表").get_attribute("value")
    page.select_option("[name=item]", option)
    page.select_option("[name=regulation]", METERS)
    page.select_option("[name=use]", label="贸易结算")
    page.select_option("[name=region]", "440106")
    holder.press("备案")
    page.wait_for_url(re.compile(r"/instruments/\d+$"))
    holder.look("instrument")
    told.tag = page.inner_text("dd a[href^='/i/']")
    holder.choose("我的器具", "own")
    holder.choose("强检申请", "applications")
    page.click("text=申请强制检定")
    holder.look("kinds")
    page.click("main table a:text-is('直接接入式电能表')")
    holder.look("apply")
    page.fill("#find", serial)
    holder.press("筛选")
    page.check(f"[aria-label='选择 {serial}']")
    page.check(f"label:has-text('{INSTITUTE}') >> input[type=radio]")
    page.fill("[name=contact]", "演示联系人")
    page.fill("[name=phone]", "020-00000000")
    holder.press("提交申请")
    page.wait_for_url(re.compile(r"/mandatory/applications/\d+$"))
    holder.look("application")
    return page.url


def receive(receptionist: Person, application: str, told: Story) -> None:
    """Accept, appoint, receive and label."""
    page = receptionist.page
    receptionist.look("work")
    receptionist.choose("收发台", "desk")
    receptionist.go(application, "application-submitted")
    receptionist.press("受理")
    receptionist.look("application-accepted")
    receptionist.press("预约")
    receptionist.look("application-appointed")
    page.check("[name=everything]")
    page.fill("#condition", "完好，附件齐全")
    receptionist.press("收样")
    receptionist.look("application-received")
    (told.sample,) = re.findall(r"Y\d{4}-\d{6}", receptionist.text())
    page.click("text=打印样品标签")
    receptionist.look("sample-labels")
    assert told.sample in receptionist.text()


def certify(browser: Browser, site: str, told: Story, serial: str) -> None:
    """Test what waits, with what is known of it already in the form; review and approve."""
    tester = Person(browser, site, "jiandingyuan")
    page = tester.page
    tester.look("work")
    tester.choose("待检定", "waiting")
    page.fill("#find", told.sample)
    tester.press("查找")
    tester.look("sample")
    page.click("text=填写检定记录")
    assert page.input_value("[name='item|serial']") == serial
    assert page.input_value("[name='item|maker']") == "演示电表厂"
    page.select_option("#standard", STANDARD)
    fill_rest(page)
    page.wait_for_selector("#preview .verdict strong:has-text('合格')")
    tester.look("record")
    tester.press("提交，等待核验")
    page.wait_for_url("**/jobs/*")
    job = page.url
    for account, button in (("heyanyuan", "核验通过"), ("qianziren", "批准并签发")):
        other = Person(browser, site, account)
        other.look("work")
        other.go(job)
        other.press(button)
        other.look("job-done")
    told.certificate = other.page.inner_text("h1")
    assert told.certificate.startswith("YJZ-")


def fill_rest(page: Page) -> None:
    """What the form doesn't know yet."""
    day = local_date(datetime.now(UTC))
    generator = np.random.default_rng(5)
    record, _ = sample_record(procedure(METERS), passing=True, generator=generator, tested_on=day)
    for name, value in values_of(record).items():
        field = page.locator(f'[name="{name}"]')
        if name in {"kind", "tested_on"} or name.startswith("parameters") or field.input_value():
            continue
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def give_back(receptionist: Person, told: Story) -> None:
    """Seal and give back."""
    page = receptionist.page
    receptionist.go("/mandatory/desk")
    page.fill("#find", told.sample)
    receptionist.press("查找")
    page.fill("[name=number]", "F-0001")
    receptionist.press("登记加封")
    receptionist.look("sealed")
    page.fill("[name=to]", "演示取件人")
    receptionist.press("发还")
    receptionist.look("given-back")
    assert "已取回" in receptionist.text()


def test_a_citizen_scans_the_label_and_follows_the_chain_to_the_si(browser: Browser, site: str, story: Story) -> None:
    citizen = Person(browser, site)
    citizen.go("/", "front")
    citizen.go(f"/i/{story.tag}", "label")
    assert "演示供电局" not in citizen.text()
    citizen.page.click(f"text={story.certificate}")
    citizen.page.wait_for_selector(".verdict.in_force")
    citizen.look("certificate")
    picture = citizen.page.locator("svg[role=img][aria-label*='国际单位制']")
    assert picture.count() == 1
    assert "演示国家计量基准" in citizen.page.locator(".trace").inner_text()
    for text in ("强制管理目录", "授权机构", "公开的计量标准", "建标覆盖率"):
        citizen.go("/")
        citizen.page.click(f".public a:text-is('{text}')")
        citizen.look(f"public-{text}")


def test_a_regulator_sees_what_is_due_what_was_done_and_what_is_missing(
    browser: Browser, site: str, story: Story
) -> None:
    regulator = Person(browser, site, "jianguan")
    page = regulator.page
    regulator.look("work")
    regulator.choose("辖区概况", "region")
    assert "天河区" in regulator.text()
    regulator.go("/region?region=440106", "region-county")
    regulator.choose("到期器具", "due")
    page.click("text=广州市天河区")
    regulator.look("due-county")
    regulator.choose("逾期申请", "overdue")
    regulator.choose("强检统计", "statistics")
    assert count_tested(regulator) == story.tested_before + 1
    regulator.look("statistics-county")
    regulator.choose("机构授权", "authorisations")
    regulator.go("/coverage?region=440106", "coverage-county")
    assert "缺口" in regulator.text()


def test_a_regulator_of_a_county_does_the_days_work_there_and_sees_no_other(
    browser: Browser, site: str, story: Story
) -> None:
    regulator = Person(browser, site, "xianjianguan")
    regulator.look("work")
    for text in ("辖区概况", "到期器具", "逾期申请", "强检统计", "机构授权"):
        regulator.choose(text, text)
        assert "天河区" in regulator.text() or text == "逾期申请"
    for address in ("/region?region=440105", "/mandatory/statistics?region=440105"):
        answer = regulator.page.goto(f"{site}{address}")
        assert answer is not None
        assert answer.status == 403
        assert regulator.page.locator("main table").count() == 0


def test_a_quality_manager_records_readings_and_declares_a_recall(browser: Browser, site: str, story: Story) -> None:
    manager = Person(browser, site, "zhiliang")
    page = manager.page
    manager.look("work")
    manager.choose("机构概况", "institute")
    manager.choose("计量标准", "standards")
    page.fill("[name=q]", STANDARD)
    page.locator("main form button").first.click()
    page.locator("main table a").first.click()
    manager.look("standard")
    page.click("text=补录技术报告数据")
    page.fill("[name=s]", "0.01")
    page.fill("[name=allowed_change]", "0.05")
    manager.press("保存")
    for shift in (0, 1):
        page.click("summary:text-is('增加记录')")
        page.fill("[name=measured_on]", f"2026-0{shift + 1}-15")
        page.fill("[name=readings]", " ".join(f"1.00{(n + shift) % 3}" for n in range(10)))
        manager.press("记为重复性试验")
    page.wait_for_selector("svg[aria-label*='重复性']")
    manager.look("standard-with-chart")
    page.click("text=登记上级溯源")
    manager.look("standard-link-form")
    page.click("text=溯源链与失准追溯")
    manager.look("chain")
    page.click("text=发现失准，追溯受影响的证书")
    manager.look("recall-form")
    page.fill("[name=from_day]", "2026-01-01")
    page.fill("[name=reason]", "期间核查发现示值偏移")
    manager.press("宣布并计算")
    page.wait_for_selector(f"text={story.certificate}")
    manager.look("recall")
    assert "演示供电局" in manager.text()
    holder = Person(browser, site, "shiyong")
    holder.choose("失准追溯", "recalls")
    holder.page.locator("main table a").first.click()
    holder.look("recall-of-holder")
    assert story.certificate in holder.text()


def test_on_a_telephone_the_menu_opens_without_a_script(browser: Browser, site: str) -> None:
    regulator = Person(browser, site, "jianguan")
    page = regulator.page
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
    entry = page.locator(".menu a:text-is('到期器具')")
    assert not entry.is_visible()
    page.click(".menu summary")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    entry.click()
    page.wait_for_url("**/instruments/due")
