"""Each rule is seen to fail on a document that breaks it and nothing else, made from the official valid example."""

from collections.abc import Callable
from pathlib import Path

import pytest

from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.rules import Finding, Severity, check_rules
from yuejingzhun.procedures.catalogue import procedures

EXAMPLES = Path(__file__).parents[2] / "reference" / "dcc"
VALID = (EXAMPLES / "dcclib" / "valid.xml").read_text(encoding="utf-8")
REAL = "<si:real><si:value>2</si:value><si:unit>\\metre</si:unit>{}</si:real>"
LIST = "<si:realListXMLList><si:valueXMLList>1 2 3</si:valueXMLList>{}</si:realListXMLList>"
EXPANDED = "<si:expandedUnc><si:uncertainty>0.02</si:uncertainty></si:expandedUnc>"
SINGLE = (
    "<dcc:relativeUncertainty><dcc:relativeUncertaintySingle><si:value>{}</si:value>"
    "</dcc:relativeUncertaintySingle></dcc:relativeUncertainty>"
)
RELATIVE_LIST = (
    "<dcc:relativeUncertainty><dcc:relativeUncertaintyXmlList><si:valueXMLList>{}</si:valueXMLList>"
    "</dcc:relativeUncertaintyXmlList></dcc:relativeUncertainty>"
)


def rules_of(document: str) -> set[str]:
    return {finding.rule for finding in check_rules(parse(document.encode()))}


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in VALID
    return VALID.replace(old, new, count)


def small(body: str, core: str = "<dcc:usedLangCodeISO639_1>en</dcc:usedLangCodeISO639_1>") -> str:
    return (
        '<dcc:digitalCalibrationCertificate xmlns:dcc="https://ptb.de/dcc" xmlns:si="https://ptb.de/si" '
        f'schemaVersion="3.3.0"><dcc:administrativeData><dcc:coreData>{core}</dcc:coreData></dcc:administrativeData>'
        f"{body}</dcc:digitalCalibrationCertificate>"
    )


def quantity(body: str) -> str:
    return small(f"<dcc:quantity>{body}</dcc:quantity>")


def results(inside: str, data: str) -> str:
    return small(
        "<dcc:measurementResults><dcc:measurementResult>"
        f"{inside}<dcc:results><dcc:result><dcc:data>{data}</dcc:data></dcc:result></dcc:results>"
        "</dcc:measurementResult></dcc:measurementResults>"
    )


PLACED = "<dcc:usedMethods/><dcc:usedSoftware/><dcc:influenceConditions/>"
ALL_MISSING = {"methods-missing", "software-missing", "conditions-missing"}


def test_the_official_valid_example_has_no_error() -> None:
    assert rules_of(VALID) == {"software-missing"}


def test_the_official_invalid_example_misses_a_language() -> None:
    findings = check_rules(parse((EXAMPLES / "dcclib" / "invalid_schematron.xml").read_bytes()))
    errors = {finding.rule for finding in findings if finding.severity is Severity.ERROR}
    assert errors == {"language-undeclared", "language-incomplete"}


@pytest.mark.parametrize("code", procedures())
@pytest.mark.parametrize("passing", [True, False])
def test_our_own_certificates_break_none(code: str, passing: bool, certificate: Callable[..., Certificate]) -> None:
    assert check_rules(parse(compose(certificate(code, passing)))) == ()


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        (changed('schemaVersion="3.3.0"', 'schemaVersion="3.2.1"'), "version-outdated"),
        (changed("<dcc:release>v8.2</dcc:release>", "<dcc:release>8.2-beta</dcc:release>"), "release-format"),
        (changed("<dcc:usedLangCodeISO639_1>de<", "<dcc:usedLangCodeISO639_1>xx<"), "language-code"),
        (changed("<dcc:mandatoryLangCodeISO639_1>en<", "<dcc:mandatoryLangCodeISO639_1>qq<"), "language-code"),
        (changed("<dcc:countryCodeISO3166_1>DE<", "<dcc:countryCodeISO3166_1>XX<"), "country-code"),
        (changed("<dcc:usedLangCodeISO639_1>de<", "<dcc:usedLangCodeISO639_1>en<"), "language-declared-twice"),
        (changed('<dcc:content lang="de">', '<dcc:content lang="fr">'), "language-undeclared"),
        (changed('<dcc:content lang="de">', '<dcc:content lang="en">'), "language-twice"),
        (
            changed("<dcc:endPerformanceDate>1957-08-13<", "<dcc:endPerformanceDate>1957-08-12<"),
            "dates-reversed",
        ),
        (quantity(f'<x id="a"/>{REAL.format("")}'), "id-unlinked"),
        (quantity(f'<x refId="b"/>{REAL.format("")}'), "reference-invalid"),
        (quantity(f'<x refType="a  b"/>{REAL.format("")}'), "attribute-spacing"),
        (quantity(f'<x id="a"/><x refId="a "/>{REAL.format("")}'), "attribute-spacing"),
        (
            small('<dcc:a><dcc:content lang="en">a</dcc:content><dcc:content lang="en">b</dcc:content></dcc:a>'),
            "language-twice",
        ),
        (small("<dcc:b><dcc:a><dcc:content>x</dcc:content></dcc:a></dcc:b>"), "language-missing"),
        (quantity("<si:real><si:value>1</si:value><si:unit>kilowatt hour</si:unit></si:real>"), "unit-spaces"),
        (quantity(LIST.format("<si:unitXMLList>\\metre \\metre</si:unitXMLList>")), "unit-count"),
        (quantity(LIST.format("<si:unitXMLList>\\metre \\metre \\metre</si:unitXMLList>")), "unit-redundant"),
        (quantity(LIST.format("<si:unitXMLList> \\metre</si:unitXMLList>")), "list-spacing"),
        (
            quantity(
                LIST.format(
                    "<si:expandedUncXMLList><si:uncertaintyXMLList>1 2</si:uncertaintyXMLList></si:expandedUncXMLList>"
                )
            ),
            "uncertainty-count",
        ),
        (quantity(REAL.format("") + SINGLE.format("0.01")), "relative-alone"),
        (quantity(LIST.format("") + RELATIVE_LIST.format("0.1 0.1 0.1")), "relative-alone"),
        (quantity(LIST.format(EXPANDED) + SINGLE.format("0.01")), "relative-form"),
        (quantity(REAL.format(EXPANDED) + RELATIVE_LIST.format("0.01")), "relative-form"),
        (quantity(REAL.format(EXPANDED) + SINGLE.format("0.02")), "relative-value"),
        (quantity(LIST.format("<si:expandedUncXMLList/>") + RELATIVE_LIST.format("0.1 0.1")), "relative-count"),
        (
            quantity("<si:hybrid><si:real><si:value>1</si:value><si:unit>|inch</si:unit></si:real></si:hybrid>"),
            "unit-undeclared",
        ),
        (small("<dcc:statement><dcc:nonSIUnit>|inch</dcc:nonSIUnit></dcc:statement>"), "unit-undefined"),
        (
            small("<dcc:statement><dcc:nonSIDefinition>x</dcc:nonSIDefinition></dcc:statement>"),
            "definition-without-unit",
        ),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_a_breach_is_found_with_its_line(document: str, rule: str) -> None:
    found = [finding for finding in check_rules(parse(document.encode())) if finding.rule == rule]
    assert found, rules_of(document)
    assert all(isinstance(finding, Finding) and finding.line >= 1 for finding in found)
    assert all(any("一" <= character <= "鿿" for character in finding.message) for finding in found)


@pytest.mark.parametrize(
    "document",
    [
        quantity(REAL.format(EXPANDED) + SINGLE.format("0.010")),
        quantity(LIST.format("<si:unitXMLList>\\metre</si:unitXMLList>")),
        quantity(LIST.format("<si:unitXMLList>\\metre \\volt \\metre</si:unitXMLList>")),
        small(
            "<dcc:statement><dcc:nonSIDefinition>x</dcc:nonSIDefinition><dcc:nonSIUnit>|inch</dcc:nonSIUnit>"
            "</dcc:statement><si:hybrid><si:real><si:unit>|inch</si:unit></si:real></si:hybrid>"
        ),
        small('<x id="a"/><x refId="a"/>'),
        small("<dcc:b><dcc:name/><dcc:a><dcc:content>x</dcc:content></dcc:a></dcc:b>"),
    ],
)
def test_what_is_right_is_not_reported(document: str) -> None:
    assert rules_of(document) == set()


@pytest.mark.parametrize("data", ["<dcc:quantity/>", "<dcc:list><dcc:quantity/></dcc:list>"])
def test_methods_software_and_conditions_stand_somewhere(data: str) -> None:
    assert rules_of(results("", data)) == ALL_MISSING
    assert rules_of(results(PLACED, data)) == set()
    assert rules_of(results("", data.replace("<dcc:quantity/>", f"<dcc:quantity>{PLACED}</dcc:quantity>"))) == set()


def test_a_list_in_the_metadata_needs_no_methods() -> None:
    meta = "<dcc:metaData><dcc:list><dcc:quantity/></dcc:list></dcc:metaData>"
    inside = f"<dcc:measurementMetaData>{meta}</dcc:measurementMetaData>"
    assert rules_of(results(inside, "")) == set()
