"""The class of every official D-SI example is that of its folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from yuejingzhun.evidence.dcc.column import Section
from yuejingzhun.evidence.dcc.columns import value_columns
from yuejingzhun.evidence.dcc.quality import quality
from yuejingzhun.metrology.units.named import Standing

EXAMPLES = Path(__file__).parents[2] / "reference" / "dsi"
DATA = "{https://ptb.de/si/examples}testData"
SI = 'xmlns:si="https://ptb.de/si"'


def examples() -> Iterator[tuple[str, str, etree._Element]]:
    for path in sorted(EXAMPLES.glob("*/*.xml")):
        for data in etree.parse(path).getroot().iter(DATA):
            yield path.parent.name, str(data.get("id")), data


@pytest.mark.parametrize(("folder", "name", "data"), list(examples()), ids=[name for _, name, _ in examples()])
def test_an_official_example_has_the_class_of_its_folder(folder: str, name: str, data: etree._Element) -> None:
    found = max(quality(element) for element in data.iterchildren(etree.Element))
    assert found[0].name == folder, found
    assert bool(found[1]) == (found[0] is Standing.IMPROVABLE)


def test_there_are_as_many_examples_as_were_published() -> None:
    assert len(list(examples())) == 411


def test_understood_data_are_read_as_columns() -> None:
    for folder, name, data in examples():
        if folder != "IMPROVABLE":
            for element in data.iterchildren(etree.Element):
                columns = value_columns(element, Section("result", (), ()))
                assert columns, name
                assert all(column.values and not column.others for column in columns), name


def test_the_acceleration_examples_are_gold() -> None:
    root = etree.parse(EXAMPLES / "SI-Accelaration-examples.xml").getroot()
    found = {quality(element)[0] for data in root.iter(DATA) for element in data.iterchildren(etree.Element)}
    assert found == {Standing.GOLD}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<si:real {}><si:value>1</si:value><si:unit>inch</si:unit></si:real>", "单位"),
        ("<si:real {}><si:value>1,5</si:value><si:unit>\\metre</si:unit></si:real>", "模式"),
        (
            "<si:realListXMLList {}><si:valueXMLList>1 2 3</si:valueXMLList>"
            "<si:unitXMLList>\\metre \\metre</si:unitXMLList></si:realListXMLList>",
            "unitXMLList 有 2 项，值有 3 项",
        ),
        (
            "<si:complex {}><si:valueMagnitude>1</si:valueMagnitude><si:valuePhase>2</si:valuePhase>"
            "<si:unit>\\volt</si:unit><si:unitPhase>\\metre</si:unitPhase></si:complex>",
            "相位",
        ),
    ],
)
def test_improvable_data_come_with_the_reason(body: str, says: str) -> None:
    standing, reason = quality(etree.fromstring(body.format(SI)))
    assert standing is Standing.IMPROVABLE
    assert says in reason
