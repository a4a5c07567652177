"""The measurementResults of a DCC: method, standard, conditions, and each test as columns."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from lxml import etree

import yuejingzhun
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.elements import dcc, expanded_uncertainties, identification, real, real_list, text
from yuejingzhun.procedures.catalogue import procedure as find_procedure
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.procedure import PointResult, Procedure, Test

COVERAGE_PROBABILITY = "0.95"


def measurement_results(certificate: Certificate) -> etree._Element:
    """All results of one certificate; methods, equipment and conditions stand once, for all of them."""
    procedure = find_procedure(certificate.record.regulation)
    return dcc(
        "measurementResults",
        dcc(
            "measurementResult",
            text("name", procedure.quantity),
            dcc("usedMethods", *_methods(procedure)),
            dcc(
                "usedSoftware",
                dcc("software", text("name", "粤精准", "yuejingzhun"), dcc("release", f"v{yuejingzhun.__version__}")),
            ),
            _equipment(certificate, procedure),
            _conditions(certificate, procedure),
            dcc("results", *_results(procedure, certificate.evaluation), *_requirements(certificate.evaluation)),
        ),
    )


def _methods(procedure: Procedure) -> Iterator[etree._Element]:
    yield dcc("usedMethod", text("name", procedure.title), dcc("norm", procedure.code), refType="basic_method")
    yield dcc(
        "usedMethod",
        text("name", "扩展不确定度", "Expanded uncertainty"),
        text("description", _U_CHINESE, _U_ENGLISH),
        dcc("norm", "JJF 1059.1-2012"),
        dcc("norm", "JCGM 100:2008"),
        refType="basic_uncertainty",
    )


_U_CHINESE = "给出的是扩展不确定度，由标准不确定度乘以包含因子 k 得到，包含概率约 95 %。"
_U_ENGLISH = "Stated is the expanded uncertainty: the standard uncertainty times k, coverage probability about 95 %."


def _equipment(certificate: Certificate, procedure: Procedure) -> etree._Element:
    standard = certificate.standard
    quantity = dcc(
        "measuringEquipmentQuantity",
        text("name", f"扩展不确定度（k={standard.coverage_factor}）", f"U (k={standard.coverage_factor})"),
        real(standard.expanded_uncertainty, procedure.standard_unit),
    )
    return dcc(
        "measuringEquipments",
        dcc(
            "measuringEquipment",
            text("name", standard.name),
            dcc(
                "identifications",
                identification(
                    "calibrationLaboratory", standard.number, "计量标准考核证书号", "Certificate of standard"
                ),
                identification("other", standard.certificate, "检定或校准证书号", "Calibration certificate"),
                identification("other", standard.valid_until.isoformat(), "有效期至", "Valid until"),
            ),
            dcc("measuringEquipmentQuantities", quantity),
            refType="basic_referenceStandard",
        ),
    )


def _conditions(certificate: Certificate, procedure: Procedure) -> etree._Element:
    return dcc(
        "influenceConditions",
        *(
            dcc(
                "influenceCondition",
                text("name", condition.number.label),
                dcc(
                    "data",
                    dcc(
                        "quantity",
                        text("name", condition.number.label),
                        real(certificate.record.environment[condition.number.key], condition.number.unit),
                    ),
                ),
                refType=f"yjz_{condition.number.key}",
            )
            for condition in procedure.environment
        ),
    )


def _results(procedure: Procedure, evaluation: Evaluation) -> Iterator[etree._Element]:
    for key, group in groupby(evaluation.points, key=lambda result: result.test):
        results, test = list(group), procedure.find(key)
        columns = [_errors(results), _rounded(results), _limits(results), *_readings(test, results)]
        data = dcc("data", dcc("list", *columns))
        yield dcc("result", text("name", test.title), data, refType=f"yjz_{key}")


def _errors(results: list[PointResult]) -> etree._Element:
    expanded = None
    # A comparison with money has no uncertainty; D-SI wants a positive one or none.
    if all(result.expanded_uncertainty for result in results):
        expanded = expanded_uncertainties(
            (result.expanded_uncertainty for result in results),
            (result.coverage_factor for result in results),
            COVERAGE_PROBABILITY,
        )
    values = [_to_match(result) for result in results]
    return _column("示值误差", "Error of indication", values, results, "basic_measurementError", expanded)


def _to_match(result: PointResult) -> Decimal:
    # One digit more than U has: enough to compute with, without the endless tail of a division.
    step = Decimal(1).scaleb(result.expanded_uncertainty.adjusted() - 2)
    shortened = result.error.quantize(step)
    return result.error if shortened == result.error else shortened


def _rounded(results: list[PointResult]) -> etree._Element:
    return _column("修约后误差", "Rounded error", [r.rounded for r in results], results, "yjz_roundedError")


def _limits(results: list[PointResult]) -> etree._Element:
    column = _column("最大允许误差", "Maximum permissible error", [r.mpe for r in results], results, "yjz_mpe")
    verdicts = " ".join("pass" if result.passed else "fail" for result in results)
    column.append(
        dcc(
            "measurementMetaData",
            dcc(
                "metaData",
                text("name", "符合性", "Conformity"),
                dcc("conformityXMLList", verdicts),
                refType="basic_conformity",
            ),
        )
    )
    return column


def _column(
    chinese: str,
    english: str,
    values: list[Decimal],
    results: list[PointResult],
    kind: str,
    expanded: etree._Element | None = None,
) -> etree._Element:
    labels = [result.point.key for result in results]
    quantity = real_list(values, results[0].unit, labels, expanded)
    return dcc("quantity", text("name", chinese, english), quantity, refType=kind)


def _readings(test: Test, results: list[PointResult]) -> Iterator[etree._Element]:
    labels = [result.point.key for result in results]
    for column in test.columns:
        number = column.number
        for repeat in range(test.repeats):
            name = number.label if test.repeats == 1 else f"{number.label}（第 {repeat + 1} 次）"
            values = [result.readings[repeat][number.key] for result in results]
            quantity = real_list(values, number.unit, labels)
            yield dcc("quantity", text("name", name), quantity, refType=f"basic_measuredValue yjz_{number.key}")


def _requirements(evaluation: Evaluation) -> Iterator[etree._Element]:
    if not evaluation.requirements:
        return
    lines = [
        dcc(
            "quantity",
            text("name", requirement.label),
            dcc("noQuantity", dcc("content", f"{requirement.found}（要求{requirement.limit}）")),
            dcc(
                "measurementMetaData",
                dcc(
                    "metaData", dcc("conformity", "pass" if requirement.passed else "fail"), refType="basic_conformity"
                ),
            ),
        )
        for requirement in evaluation.requirements
    ]
    yield dcc(
        "result",
        text("name", "其他要求", "Other requirements"),
        dcc("data", dcc("list", *lines)),
        refType="yjz_requirements",
    )
