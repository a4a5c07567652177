"""Terms that reach into a year without its list of days off say so, and are counted anew once the list is here.

The list of 2027 in these tests is made up: the State Council's notice wasn't known when they were written.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from mandatory_counter import client_of, person
from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError
from yuejingzhun.platform.operations.mandatory.models import Application
from yuejingzhun.platform.operations.mandatory.services import answer, reception
from yuejingzhun.platform.operations.mandatory.services.apply import apply
from yuejingzhun.platform.operations.mandatory.services.days_off import add_days_off

# A Wednesday in Guangdong: of the five working days one is in 2026, and 1 January is off in any case.
AT = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
OFF = ("01-01", "01-04", "01-05", "02-05", "02-06", "02-07", "02-08", "02-09", "04-05", "05-01", "05-02", "06-09",
       "10-01", "10-02", "10-03")  # fmt: skip
LIST = "day,kind\n" + "".join(f"2027-{day},rest\n" for day in OFF) + "2027-01-09,work\n"
MARK = ">暂计</abbr>"


@pytest.fixture(autouse=True)
def _at_the_end_of_a_year(settings, tmp_path, monkeypatch) -> None:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def province(counter):
    return person("省局", Organisation.objects.create(name="省局", kind="authority", region="440000"), Role.REGULATOR)


@pytest.fixture
def given(tmp_path) -> Path:
    path = tmp_path / "2027.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def received(counter) -> Application:
    at = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
    application = apply(counter.client, counter.request(2, key="tested"), at)
    answer.accept(counter.receptionist, application.pk, at)
    answer.appoint(counter.receptionist, application.pk, date(2026, 12, 22), at)
    reception.receive(counter.receptionist, application.pk, [1], "完好", datetime(2026, 12, 22, 2, 0, tzinfo=UTC))
    application.refresh_from_db()
    return application


def test_a_new_list_moves_the_terms_that_run_and_says_so(counter, province, given) -> None:
    tested = received(counter)
    # 20 working days from 22 December: seven to the end of 2026 (23 to 25, 28 to 31), then 13 from Monday 4 January.
    assert tested.due_on == date(2027, 1, 20)
    answered = counter.request(1, key="answered", instrument_ids=(counter.meters[5].pk,))
    waiting = apply(counter.client, answered, AT)
    assert waiting.answer_by == date(2027, 1, 7)  # 31 December, then 4 to 7 January
    added, moved = add_days_off(province, given, AT)
    assert (added.year, added.off, added.worked, added.new, moved) == (2027, 15, 1, True, 2)
    tested.refresh_from_db()
    waiting.refresh_from_db()
    # 4 and 5 January are off now, and Saturday the 9th is worked.
    assert waiting.answer_by == date(2027, 1, 9)  # 31 December, then 6 to 9 January
    assert tested.due_on == date(2027, 1, 21)  # thirteen days: 6 to 9, 11 to 15 and 18 to 21 January
    (event,) = [one for one in history("application", waiting.pk) if one.action == "重新计算期限"]
    assert (event.before, event.after) == ({"term": "2027-01-07"}, {"term": "2027-01-09"})
    assert add_days_off(province, given, AT)[1] == 0


def test_a_term_is_moved_by_nothing_else(counter, province, given) -> None:
    tested = received(counter)
    for day in (date(2027, 2, 1), None):
        with pytest.raises(DatabaseError, match="a term that runs"), transaction.atomic():
            Application.objects.filter(pk=tested.pk).update(due_on=day)
    with transaction.atomic():
        add_days_off(province, given, AT)
        with pytest.raises(DatabaseError), transaction.atomic():
            Application.objects.filter(pk=tested.pk).update(due_on=None)


def test_a_referral_begins_the_term_anew(counter, province, given) -> None:
    application = apply(counter.client, counter.request(1), datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
    answer.refer(counter.receptionist, application.pk, counter.other.pk, "超出能力", AT)
    add_days_off(province, given, AT)
    application.refresh_from_db()
    assert application.answer_by == date(2027, 1, 9)


def test_the_pages_mark_the_term_until_the_list_is_here(counter, province, given) -> None:
    application = received(counter)
    apply(counter.client, counter.request(1, key="k2", instrument_ids=(counter.meters[5].pk,)), AT)
    pages = (
        (counter.client, f"/mandatory/applications/{application.pk}"),
        (counter.client, "/mandatory/applications"),
        (counter.receptionist, "/mandatory/desk?state=SUBMITTED"),
        (counter.verifier, "/mandatory/waiting"),
    )
    for actor, page in pages:
        assert MARK in client_of(actor).get(page).content.decode(), page
    outside = client_of(counter.client).get(f"/api/v1/mandatory/applications/{application.pk}").json()
    assert outside["provisional"] is True
    add_days_off(province, given, AT)
    for actor, page in pages:
        assert MARK not in client_of(actor).get(page).content.decode(), page
    outside = client_of(counter.client).get(f"/api/v1/mandatory/applications/{application.pk}").json()
    assert outside["provisional"] is False


def test_days_to_choose_from_and_what_is_overdue_are_marked(counter, monkeypatch) -> None:
    application = apply(counter.client, counter.request(1), datetime(2026, 12, 21, 2, 0, tzinfo=UTC))
    answer.accept(counter.receptionist, application.pk, AT)
    page = client_of(counter.receptionist).get(f"/mandatory/applications/{application.pk}").content.decode()
    # Eight days are proposed: one of 2026, seven of 2027.
    assert page.count(MARK) == 7
    apply(counter.client, counter.request(1, key="k2", instrument_ids=(counter.meters[5].pk,)), AT)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 20, 2, 0, tzinfo=UTC))
    for page in ("/mandatory/overdue", "/region"):
        assert MARK in client_of(counter.regulator).get(page).content.decode(), page


def test_a_term_within_the_known_years_has_no_mark(counter, monkeypatch) -> None:
    at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: at)
    application = apply(counter.client, counter.request(1), at)
    page = client_of(counter.client).get(f"/mandatory/applications/{application.pk}").content.decode()
    assert "2026年12月1日" in page and MARK not in page


def upload(text: str | bytes, name: str = "2027.csv", **more: str) -> dict[str, object]:
    content = text if isinstance(text, bytes) else text.encode()
    return {"table": SimpleUploadedFile(name, content), **more}


def test_the_page_takes_a_list_in_and_shows_its_year(counter, province) -> None:
    client = client_of(province)
    assert "未载入，暂计" in client.get("/mandatory/calendar").content.decode()
    done = client.post("/mandatory/calendar", upload(LIST), follow=True).content.decode()
    assert "已载入 2027 年放假 15 天、调休上班 1 天；0 份申请的期限随之改动" in done
    assert "未载入" not in done
    again = client.post("/mandatory/calendar", upload(LIST), follow=True).content.decode()
    assert "没有变化" in again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LIST.replace("2027-10-01,rest\n", ""), "缺少法定节日 2027-10-01"),
        (LIST.replace("2027-01-09", "2027-01-08"), "2027-01-08 是周五"),
        ("日期\n".encode("gbk"), "2027.csv 不是 UTF-8"),
        ("day,kind\n", "一年也没有"),
        ("", "空"),
        (b"\0" * 100, "2027.csv"),
        ("x" * 70_000, "64 kB"),
    ],
)
def test_a_wrong_list_is_refused_with_its_reason_and_changes_nothing(counter, province, settings, text, said) -> None:
    answered = client_of(province).post("/mandatory/calendar", upload(text))
    assert answered.status_code == 422
    assert said in answered.content.decode()
    assert not (settings.DATA / "days.csv").exists()


def test_only_the_provinces_regulators_may(counter, given) -> None:
    with pytest.raises(NotPermittedError, match="省级监管人员"):
        add_days_off(counter.regulator, given, AT)
    assert client_of(counter.regulator).get("/mandatory/calendar").status_code == 403
    assert client_of(counter.client).post("/mandatory/calendar", upload(LIST)).status_code == 403


def test_a_list_that_differs_from_a_known_year_needs_the_tick(counter, province, given) -> None:
    client = client_of(province)
    client.post("/mandatory/calendar", upload(LIST))
    changed = LIST.replace("2027-01-09,work\n", "")
    refused = client.post("/mandatory/calendar", upload(changed))
    assert refused.status_code == 422
    assert refused.content.decode().count("替换已有的一年") == 2  # what the refusal names is there to be ticked
    assert client.post("/mandatory/calendar", upload(changed, replace="on")).status_code == 302
    with pytest.raises(MandatoryError, match="已有"):
        add_days_off(province, given, AT)
