from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.dcc.elements import NAMESPACES
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.schema_registry import schema_for
from yuejingzhun.procedures.catalogue import procedures

Make = Callable[..., Certificate]


def find(root: etree._Element, path: str) -> list[etree._Element]:
    return root.findall(path, NAMESPACES)


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("code", procedures())
def test_every_regulation_gives_a_valid_dcc(code: str, passing: bool, certificate: Make) -> None:
    root = parse(compose(certificate(code, passing)))
    schema = schema_for("3.3.0")
    assert schema.validate(root), schema.error_log
    (verdict,) = find(root, ".//dcc:statement/dcc:conformity")
    assert verdict.text == ("pass" if passing else "fail")


def test_columns_carry_the_errors_limits_and_uncertainties_of_the_evaluation(certificate: Make) -> None:
    made = certificate()
    root = parse(compose(made))
    (limits,) = find(root, ".//dcc:quantity[@refType='yjz_mpe']/si:realListXMLList/si:valueXMLList")
    (rounded,) = find(root, ".//dcc:quantity[@refType='yjz_roundedError']/si:realListXMLList/si:valueXMLList")
    (sizes,) = find(root, ".//si:valueExpandedMUXMLList")
    points = made.evaluation.points
    assert [Decimal(text) for text in limits.text.split()] == [point.mpe for point in points]
    assert [Decimal(text) for text in rounded.text.split()] == [point.rounded for point in points]
    assert [Decimal(text) for text in sizes.text.split()] == [point.expanded_uncertainty for point in points]


def test_what_was_typed_cannot_become_markup(certificate: Make) -> None:
    made = certificate()
    hostile = "</dcc:name><x/>&amp; ]]> <!-- 電錶 𠮷"
    changed = replace(made, record=replace(made.record, item=replace(made.record.item, maker=hostile)))
    root = parse(compose(changed))
    assert hostile in [element.text for element in find(root, ".//dcc:manufacturer/dcc:name/dcc:content")]


def test_same_content_same_bytes(certificate: Make) -> None:
    assert compose(certificate()) == compose(certificate())


def test_a_replacement_names_what_it_replaces(certificate: Make) -> None:
    root = parse(compose(replace(certificate(), supersedes="YJZ-440100-2026-000000")))
    (old,) = find(root, ".//dcc:replacedUniqueIdentifier")
    assert old.text == "YJZ-440100-2026-000000"
    assert schema_for("3.3.0").validate(root)
