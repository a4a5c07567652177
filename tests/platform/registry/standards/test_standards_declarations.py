"""Self-declaration: declared, published, contested, withdrawn; and what can't be declared."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.registry.standards.applications import contested_for
from yuejingzhun.platform.registry.standards.errors import StandardError
from yuejingzhun.platform.registry.standards.models import Declaration, MeasurementStandard
from yuejingzhun.platform.registry.standards.queries import Filters, published_page, validity, warnings_of
from yuejingzhun.platform.registry.standards.services import declarations
from yuejingzhun.platform.registry.standards.validity import Predicate

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
ENDS = date(2029, 11, 23)


@pytest.fixture
def given(content):
    return content(level="ENTERPRISE_HIGHEST", name="企业最高电能表标准装置")


@pytest.fixture
def declared(world, staff, given) -> Declaration:
    return declarations.declare(staff.enterprise, world.holder.pk, given, ENDS, AT)


def is_published(declared: Declaration) -> bool:
    return declared.standard_id in {found.pk for found in published_page(Filters())}


def test_what_is_declared_is_published_and_may_be_used_for_its_term(declared) -> None:
    assert is_published(declared)
    assert validity(declared.standard, TODAY) == ()
    for on in (TODAY - timedelta(1), ENDS + timedelta(1)):
        assert Predicate.TERM in {each.predicate for each in validity(declared.standard, on)}


def test_what_cannot_be_declared(world, staff, given, content, declared) -> None:
    def refused(says: str, actor=staff.enterprise, owner=world.holder.pk, what=given, ends=ENDS, error=StandardError):
        with pytest.raises(error, match=says):
            declarations.declare(actor, owner, what, ends, AT)

    refused("已有一份有效的自我声明")
    refused("只有企业最高计量标准", what=content())
    refused("须经考核", staff.manager, world.institute.pk)
    refused("不是本单位的质量负责人", staff.manager, error=NotPermittedError)
    refused("声明有效期：为 2026-11-23", ends=TODAY - timedelta(1))
    refused("声明有效期：为 2031-11-25", ends=date(2031, 11, 25))
    refused("稳定性不符合要求", what=given | {"name": "另一装置", "allowed_change": "0.01"})
    assert Declaration.objects.count() == 1


def test_a_declaration_is_withdrawn_and_can_be_made_again(declared, world, staff, given) -> None:
    with pytest.raises(NotPermittedError):
        declarations.withdraw_declaration(staff.manager, declared.pk, "x", AT)
    with pytest.raises(StandardError, match="撤回须写明原因"):
        declarations.withdraw_declaration(staff.enterprise, declared.pk, "", AT)
    declarations.withdraw_declaration(staff.enterprise, declared.pk, "设备报废", AT + timedelta(10))
    assert not is_published(declared)
    standard = MeasurementStandard.objects.get(pk=declared.standard_id)
    assert validity(standard, TODAY + timedelta(9)) == ()
    assert {each.predicate for each in validity(standard, TODAY + timedelta(10))} == {Predicate.TERM}
    with pytest.raises(StandardError, match="已撤回"):
        declarations.withdraw_declaration(staff.enterprise, declared.pk, "再撤", AT)
    assert declarations.declare(staff.enterprise, world.holder.pk, given, ENDS, AT + timedelta(10)).pk != declared.pk


def test_a_contested_one_stays_in_use_with_a_warning_until_it_is_decided(declared, staff) -> None:
    with pytest.raises(StandardError, match="没有待处理的异议"):
        declarations.settle(staff.regulator, declared.pk, upheld=True, reason="x", at=AT)
    for actor in (staff.enterprise, staff.elsewhere):
        with pytest.raises(NotPermittedError, match="所在地的监管人员"):
            declarations.contest(actor, declared.pk, "x", AT)
    with pytest.raises(StandardError, match="异议须写明理由"):
        declarations.contest(staff.regulator, declared.pk, "", AT)
    declarations.contest(staff.regulator, declared.pk, "溯源证书存疑", AT)
    with pytest.raises(StandardError, match="不能提出异议"):
        declarations.contest(staff.regulator, declared.pk, "再次", AT)
    assert contested_for(staff.regulator) == [declared] and contested_for(staff.elsewhere) == []
    assert validity(declared.standard, TODAY) == ()
    assert Predicate.TERM in {each.predicate for each in warnings_of(declared.standard, TODAY)}
    declarations.settle(staff.regulator, declared.pk, upheld=False, reason="已说明", at=AT)
    assert Predicate.TERM not in {each.predicate for each in warnings_of(declared.standard, TODAY)}
    declarations.contest(staff.regulator, declared.pk, "新证据", AT)
    declarations.settle(staff.regulator, declared.pk, upheld=True, reason="证书系伪造", at=AT)
    assert Predicate.TERM in {each.predicate for each in validity(declared.standard, TODAY)}
    assert not is_published(declared)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standards_declaration SET content = '{}'",
        "UPDATE standards_declaration SET ends_on = ends_on + 1",
        "UPDATE standards_declaration SET state = 'withdrawn'",
        "DELETE FROM standards_declaration",
    ],
)
def test_the_database_keeps_what_was_declared(declared, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
