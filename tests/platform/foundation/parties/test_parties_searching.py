"""Holders found while somebody types, and what a form's text leads to."""

import pytest
from django.db import connection
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError, UnknownPartyError
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.foundation.parties.searching import holder_of_text, holders_like, text_of_holder


def code(serial: int) -> str:
    first17 = f"12440300MB2X{serial:05}"
    return first17 + check_character(first17)


def holder(name: str, serial: int) -> Organisation:
    return Organisation.objects.create(name=name, kind="holder", region="440305", credit_code=code(serial))


@pytest.mark.parametrize("text", ["南山", "山科技", "南山科技有限公司", "ＡＢＣ", "abc", "南"])
def test_any_fragment_of_a_name_finds_its_holder(world, text: str) -> None:
    wanted = holder("深圳南山科技有限公司ABC", 1)
    holder("深圳福田商贸有限公司", 2)
    assert holders_like(world.verifier, text) == [wanted]


def test_the_fragments_must_stand_together(world) -> None:
    holder("甲乙丙，乙丁", 1)  # has the fragments 甲乙 and 乙丁, but not 甲乙丁
    assert holders_like(world.verifier, "甲乙丁") == []
    assert holders_like(world.verifier, "%") == holders_like(world.verifier, " \0 ") == []


def test_a_credit_code_is_found_by_its_beginning_in_either_case(world) -> None:
    wanted = holder("甲公司", 33)
    holder("乙公司", 44)
    assert holders_like(world.verifier, code(33)[:17].lower()) == [wanted]


def test_pages_go_on_behind_a_key_and_institutes_are_no_holders(world) -> None:
    found = [holder(f"连锁店{n}", n) for n in range(5)]
    Organisation.objects.create(name="连锁店检定所", kind="institute", region="440305")
    first = holders_like(world.regulator, "连锁店", most=3)
    assert first + holders_like(world.regulator, "连锁店", first[-1].pk) == found


def test_holders_do_not_browse_each_other(world) -> None:
    own = Actor(9, "经办人", (Grant(Role.HOLDER, world.holder.pk, "440106"),))
    with pytest.raises(NotPermittedError, match="不能查找使用单位"):
        holders_like(own, "演示")


def test_a_form_takes_a_code_or_a_whole_name(world) -> None:
    wanted = holder("甲公司", 1)
    assert holder_of_text(f" {code(1).lower()} ") == holder_of_text("甲公司") == wanted
    assert holder_of_text(text_of_holder(wanted)) == wanted
    assert holder_of_text(text_of_holder(world.holder)) == world.holder  # has no code
    holder("甲公司", 2)
    for text, told in (("甲公司", "不止一个"), ("甲", "没有名称"), ("  ", "没有填写"), ("9" * 18, "没有名称")):
        with pytest.raises(UnknownPartyError, match=told):
            holder_of_text(text)


def test_names_are_found_by_their_index(world) -> None:
    Organisation.objects.bulk_create(
        Organisation(name=f"第{n}号{chr(0x4E00 + n)}店", kind="holder", region="440305") for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_organisation")
        cursor.execute("EXPLAIN SELECT id FROM parties_organisation WHERE grams(name, 2) @> grams('第2717号', 2)")
        assert "organisation_name_fragments" in str(cursor.fetchall())


def test_the_suggestions_are_for_staff(world, django_assert_max_num_queries) -> None:
    wanted = holder("南山<b>公司", 1)
    user = User.objects.create_user("jianding")
    Person.objects.filter(pk=world.verifier.person_id).update(user=user)
    client = Client()
    assert client.get("/organisations/suggestions", {"holder": "南山"}).status_code == 302
    client.force_login(user)
    with django_assert_max_num_queries(10):
        page = client.get("/organisations/suggestions", {"holder": "南山"}).content.decode()
    assert f'<option value="{wanted.credit_code}">南山&lt;b&gt;公司</option>' in page
    assert 'role="status">南山' not in page
    chosen = client.get("/organisations/suggestions", {"holder": wanted.credit_code}).content.decode()
    assert 'role="status">南山' in chosen
    assert "没有名称含" in client.get("/organisations/suggestions", {"holder": "没有的"}).content.decode()
