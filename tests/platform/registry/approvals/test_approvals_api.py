"""The JSON interface: it says what the pages say, and refuses alike."""

import pytest
from django.test import Client
from django.utils import timezone

from small_world import actor
from type_approvals import AT, HASH, OTHER_HASH, TODAY, filed, issued, on_record
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.approvals.models import Comparison
from yuejingzhun.platform.registry.approvals.services import decisions
from yuejingzhun.platform.registry.approvals.services.software_filings import note_comparison
from yuejingzhun.platform.registry.instruments.errors import InstrumentError
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.rules import Filing
from yuejingzhun.platform.registry.instruments.services import file

API = "/api/v1"


@pytest.fixture(autouse=True)
def _today(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def number(office) -> str:
    return issued(office).approval.number


def client_of(who) -> Client:
    user = User.objects.create_user(f"user{who.person_id}")
    Person.objects.filter(pk=who.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def get(path: str, **asked: str):
    return Client().get(API + path, asked)


def test_a_type_is_published_with_its_models_and_what_it_is_worth(office, number) -> None:
    found = get(f"/type-approvals/{number}").json()
    assert (found["number"], found["edition"], found["standing"]) == (number, 1, "有效")
    assert [one["model"] for one in found["variants"]] == ["DDZY1", "DDZY2"]
    assert get("/type-approvals", text="ddzy2").json() == [found]
    assert get(f"/type-approvals/{number}", on="2026-11-23").json()["standing"] == "尚未生效"
    decisions.withdraw_approval(office.province, number, TODAY, "不符合要求", AT)
    ended = get(f"/type-approvals/{number}").json()
    assert (ended["standing"], ended["withdrawn_from"]) == ("已撤销", "2026-11-24")


def test_an_instrument_is_checked_against_its_number(office, number) -> None:
    given = {"maker": office.maker.name, "model": "DDZY1"}
    assert get(f"/type-approvals/{number}/check", **given).json() == {"approved": True, "reason": ""}
    other = get(f"/type-approvals/{number}/check", **(given | {"model": "X"})).json()
    assert other == {"approved": False, "reason": f"型式批准 {number} 不含型号 X"}
    assert "没有收录" in get("/type-approvals/2020E101-44/check", **given).json()["reason"]


def test_only_software_on_record_is_published(office, number) -> None:
    on_record(office, number)
    filed(office, number, "2.0", OTHER_HASH, replaces="1.0")
    (found,) = get(f"/type-approvals/{number}/software").json()
    assert (found["version"], found["identification"], found["standing"]) == ("1.0", HASH.upper(), "有效")


def test_software_is_compared_by_anyone_and_kept_by_who_tests(office, number, world) -> None:
    on_record(office, number)
    path = f"/type-approvals/{number}/software"
    assert get(f"{path}/compare", version="1.0", identification=HASH).json()["verdict"] == "SAME"
    assert get(f"{path}/compare", version="1.0", identification="ff").json()["verdict"] == "DIFFERS"
    assert get(f"{path}/compare", version="2.0", identification="ff").json()["verdict"] == "UNKNOWN"
    assert not Comparison.objects.exists()
    seen = {"version": "1.0", "identification": OTHER_HASH, "tag": "tag00001"}

    def note(client: Client, of: str = number):
        return client.post(f"{API}/type-approvals/{of}/software/comparisons", seen, "application/json")

    verifier = client_of(world.verifier)
    assert note(Client()).status_code == 401
    assert note(client_of(office.applicant)).status_code == 403
    assert note(verifier, "2020E101-44").status_code == 404
    assert note(verifier).json()["verdict"] == "DIFFERS"
    history = verifier.get(f"{API}/software-comparisons/TAG00001").json()
    assert [one["tag"] for one in history] == ["TAG00001"]
    assert Client().get(f"{API}/software-comparisons/TAG00001").status_code == 401
    assert client_of(office.signatory).get(f"{API}/software-comparisons/TAG00001").status_code == 403


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("/type-approvals/x", {}, 404),
        ("/type-approvals/2020E101-44", {}, 404),
        ("/type-approvals/2020E101-44/software", {}, 404),
        ("/type-approvals/2020E101-44", {"on": "昨天"}, 422),
        ("/type-approvals", {"text": "x" * 81}, 422),
        ("/type-approvals/2020E101-44/check", {}, 422),
        ("/type-approvals/2020E101-44/software/compare", {"version": "1"}, 422),
    ],
)
def test_refusals_say_why(db, path, asked, status) -> None:
    answer = get(path, **asked)
    assert answer.status_code == status
    assert any("一" <= character <= "鿿" for character in answer.json()["message"])


def test_a_body_that_was_cut_off_is_refused(office, number, world) -> None:
    path = f"{API}/type-approvals/{number}/software/comparisons"
    answer = client_of(world.verifier).post(path, '{"version": "1.0", "ident', "application/json")
    assert answer.status_code == 400 and "UTF-8 编码的 JSON" in answer.json()["message"]


def test_filing_an_instrument_checks_its_number_where_it_is_on_record(office, number, world) -> None:
    holder = actor("使用经办", world.holder, Role.HOLDER)

    def filing(**changes: str) -> Filing:
        given = {"maker": office.maker.name, "model": "DDZY1", "type_approval": f"CPA {number}"} | changes
        return Filing(name="电能表", serial="S1", region="440106", **given)

    for changes, says in (
        ({"maker": "别家"}, "的制造单位是 演示仪表有限公司，不是 别家"),
        ({"model": "X"}, "不含型号 X"),
    ):
        with pytest.raises(InstrumentError, match=f"型式批准证书号：型式批准 {number} {says}"):
            file(holder, world.holder.pk, filing(**changes), AT)
    assert not Instrument.objects.exists()
    for elsewhere in ("2020E101-44", "2020E101-31", "粤制00000001号", ""):
        other = filing(type_approval=elsewhere, maker="别家", model=f"M{elsewhere}")
        assert file(holder, world.holder.pk, other, AT).type_approval == elsewhere
    decisions.withdraw_approval(office.province, number, TODAY, "不符合要求", AT)
    assert file(holder, world.holder.pk, filing(), AT).type_approval == f"CPA {number}"  # it may be older than the end


def test_an_instrument_carries_the_warnings_of_its_type_and_software(office, number, world) -> None:
    on_record(office, number)
    meter = Instrument.objects.create(
        holder=world.holder, name="电能表", serial="S1", maker=office.maker.name, model="DDZY1", type_approval=number,
        regulation="JJG 596-2012", regulation_series="JJG 596", region="440106", city="4401",
    )  # fmt: skip
    regulator = client_of(office.city)

    def warnings() -> list[str]:
        return regulator.get(f"{API}/instruments/{meter.pk}").json()["warnings"]

    assert warnings() == []
    note_comparison(number, "1.0", OTHER_HASH, meter.tag, AT)
    assert [text[:5] for text in warnings()] == ["软件不一致"]
    decisions.withdraw_approval(office.province, number, TODAY, "不符合要求", AT)
    assert [text[:4] for text in warnings()] == ["型式批准", "软件不一"]
