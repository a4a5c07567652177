"""Columns of the official examples against the values printed in them, and of every form of D-SI."""

from decimal import Decimal
from pathlib import Path

import pytest

from yuejingzhun.evidence.dcc.column import Column, Kind, Section, Statement
from yuejingzhun.evidence.dcc.columns import value_columns
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.read import read

EXAMPLES = Path(__file__).parents[2] / "reference" / "dcc"
ANY = Section("result", (), ())


def example(name: str) -> tuple[Column, ...]:
    return read((EXAMPLES / name).read_bytes()).columns


def stated(body: str) -> tuple[Column, ...]:
    return value_columns(parse(f"<si:{body}".replace(">", ' xmlns:si="https://ptb.de/si">', 1).encode()), ANY)


def test_the_silicon_sphere_has_its_published_mass_and_volume() -> None:
    real = {column.names[0][1]: column for column in example("dcc/siliziumkugel.xml") if column.kind is Kind.REAL}
    mass, volume = real["Masse"], real["Volumen bei t = 20 °C"]
    assert (mass.values, mass.units) == ((Decimal("1.00007841"),), (r"\kilogram",))
    assert mass.uncertainty is not None
    assert (mass.uncertainty.statement, mass.uncertainty.sizes) == (Statement.EXPANDED, (Decimal("0.00000005"),))
    assert (mass.uncertainty.factors, mass.uncertainty.probabilities) == ((Decimal(2),), (Decimal("0.95"),))
    assert (volume.values, volume.units) == ((Decimal("431.055119"),), (r"\centi\metre\tothe{3}",))


def test_text_and_metadata_are_columns_too() -> None:
    columns = example("dcc/example.xml")
    nominal = [column.texts for column in columns if column.kind is Kind.TEXT]
    assert nominal.count(("10 g",)) == 4
    assert {column.section.kind for column in example("ptb-xsd-dcc/singleweight.xml")} == {
        "influenceCondition",
        "result",
        "metaData",
    }


def test_a_quantity_without_a_name_bears_that_of_its_list() -> None:
    columns = example("ptb-xsd-dcc/dcc-vacuumlab-CDG.xml")
    assert len(columns) == 60
    assert all(column.names for column in columns)


REFUSED = ("invalid_syntax.xml", "invalid_schema.xml")  # see test_read
READABLE = sorted(path for path in EXAMPLES.rglob("*.xml") if path.name not in REFUSED)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.name)
def test_nothing_in_an_official_example_is_beyond_our_types(path: Path) -> None:
    columns = read(path.read_bytes()).columns
    assert columns
    assert [column.others for column in columns if column.others] == []


def test_a_complex_value_in_both_forms() -> None:
    (cartesian,) = stated(
        "complex><si:valueReal>1.5</si:valueReal><si:valueImag>-2</si:valueImag><si:unit>\\volt</si:unit></si:complex>"
    )
    assert (cartesian.kind, cartesian.values, cartesian.seconds) == (Kind.COMPLEX, (Decimal("1.5"),), (Decimal(-2),))
    (polar,) = stated(
        "complexListXMLList><si:valueMagnitudeXMLList>1 2</si:valueMagnitudeXMLList><si:valuePhaseXMLList>0 90"
        "</si:valuePhaseXMLList><si:unitXMLList>\\volt</si:unitXMLList><si:unitPhaseXMLList>\\degree</si:unitPhaseXMLList>"
        "</si:complexListXMLList>"
    )
    assert (polar.kind, polar.seconds, polar.second_units) == (Kind.POLAR, (Decimal(0), Decimal(90)), (r"\degree",))


def test_a_list_of_reals_is_one_column_with_the_unit_of_the_list() -> None:
    (column,) = stated(
        "realList><si:listUnit>\\metre</si:listUnit><si:real><si:value>1.0</si:value></si:real>"
        "<si:real><si:value>2.0</si:value></si:real></si:realList>"
    )
    assert (column.values, column.units) == ((Decimal("1.0"), Decimal("2.0")), (r"\metre",))


def test_members_that_state_different_things_stay_apart() -> None:
    first, second = stated(
        "realList><si:listUnit>\\metre</si:listUnit><si:real><si:value>1</si:value></si:real>"
        "<si:real><si:value>2</si:value><si:unit>\\volt</si:unit></si:real></si:realList>"
    )
    assert (first.units, second.units) == ((r"\metre",), (r"\volt",))


def test_a_hybrid_says_the_same_in_several_units() -> None:
    columns = stated(
        "hybrid><si:real><si:value>1</si:value><si:unit>\\kelvin</si:unit></si:real>"
        "<si:real><si:value>-272.15</si:value><si:unit>\\degreecelsius</si:unit></si:real></si:hybrid>"
    )
    assert [column.alternative for column in columns] == [1, 2]


@pytest.mark.parametrize(
    ("body", "statement"),
    [
        (
            "<si:measurementUncertaintyUnivariate><si:expandedMU><si:valueExpandedMU>0.1</si:valueExpandedMU>"
            "<si:coverageFactor>2</si:coverageFactor><si:coverageProbability>0.95</si:coverageProbability>"
            "</si:expandedMU></si:measurementUncertaintyUnivariate>",
            Statement.EXPANDED,
        ),
        (
            "<si:measurementUncertaintyUnivariate><si:standardMU><si:valueStandardMU>0.1</si:valueStandardMU>"
            "</si:standardMU></si:measurementUncertaintyUnivariate>",
            Statement.STANDARD,
        ),
        (
            "<si:coverageInterval><si:standardUnc>0.1</si:standardUnc><si:intervalMin>-1</si:intervalMin>"
            "<si:intervalMax>1</si:intervalMax><si:coverageProbability>0.95</si:coverageProbability></si:coverageInterval>",
            Statement.INTERVAL,
        ),
    ],
)
def test_every_statement_of_uncertainty_has_its_size(body: str, statement: Statement) -> None:
    (column,) = stated(f"real><si:value>1</si:value><si:unit>\\metre</si:unit>{body}</si:real>")
    assert column.uncertainty is not None
    assert (column.uncertainty.statement, column.uncertainty.sizes) == (statement, (Decimal("0.1"),))
    if statement is Statement.INTERVAL:
        assert (column.uncertainty.low, column.uncertainty.high) == ((Decimal(-1),), (Decimal(1),))


def test_a_covariance_matrix_keeps_its_columns_and_units() -> None:
    cell = "<si:covariance><si:value>{}</si:value><si:unit>\\metre\\metre</si:unit></si:covariance>"
    matrix = "".join(f"<si:column>{cell.format(a)}{cell.format(b)}</si:column>" for a, b in ((1, 2), (2, 4)))
    (column,) = stated(
        "complex><si:valueReal>1</si:valueReal><si:valueImag>1</si:valueImag><si:unit>\\metre</si:unit>"
        f"<si:ellipsoidalRegion><si:covarianceMatrix>{matrix}</si:covarianceMatrix><si:coverageFactor>2.45"
        "</si:coverageFactor><si:coverageProbability>0.95</si:coverageProbability></si:ellipsoidalRegion></si:complex>"
    )
    assert column.uncertainty is not None
    assert column.uncertainty.statement is Statement.ELLIPSOID
    assert [[value for value, _ in row] for row in column.uncertainty.covariances] == [[1, 2], [2, 4]]


def test_what_is_unknown_is_kept() -> None:
    (column,) = stated("real><si:value>1</si:value><si:unit>\\one</si:unit><si:colour>red</si:colour></si:real>")
    assert column.others == (("colour", "red"),)
