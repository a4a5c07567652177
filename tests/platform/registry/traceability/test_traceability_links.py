"""Links as they are recorded, the ring that is refused, and the chain from a certificate to the SI."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.verification.services import review, submit_record
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError
from yuejingzhun.platform.registry.traceability.models import Ending, Link, Node
from yuejingzhun.platform.registry.traceability.picture import SI, wrapped
from yuejingzhun.platform.registry.traceability.queries import chain_of
from yuejingzhun.platform.registry.traceability.rules import Calibration, Item, Kind
from yuejingzhun.platform.registry.traceability.services import item_of, link_standard, note_revoked, record_calibration
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.sample import sample_record

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def issue(world, code: str = "JJG 596-2012") -> str:
    job = submit_record(
        world.verifier, world.institute.pk, world.holder.pk, world.record(code), world.standard(code),
        date(2026, 11, 20), AT,
    )  # fmt: skip
    review(world.reviewer, job.pk, AT)
    return approve(world.signatory, job.pk, AT).number


def evaluated(code: str) -> Evaluation:
    regulation = procedure(code)
    record, standard = sample_record(
        regulation, passing=True, generator=np.random.default_rng(5), tested_on=date(2026, 11, 24)
    )
    return evaluate(regulation, record, standard)


def on(day: str, certificate: str, part: str = "") -> Calibration:
    return Calibration(date.fromisoformat(day), certificate, part=part, factor=1.0)


def test_an_issued_certificate_is_linked_with_its_standard_and_its_limits(grid) -> None:
    number = issue(grid.world)
    link = Link.objects.select_related("lower", "upper").get(certificate=number)
    assert (link.lower.kind, link.upper.kind) == ("INSTRUMENT", "STANDARD")
    assert link.lower.holder_id == grid.world.holder.pk
    assert (link.made_on, link.institute_id, link.unit) == (date(2026, 11, 24), grid.world.institute.pk, "%")
    assert link.factor == 1.0
    assert 0 < link.margin <= link.mpe
    assert link.expanded_uncertainty < link.mpe
    chain = chain_of("certificate", number)
    assert [step.link for step in chain.steps] == [link]
    assert not chain.is_complete


def test_weights_known_in_percent_reach_errors_in_grams_at_the_load_where_they_matter_most(grid) -> None:
    link = Link.objects.get(certificate=issue(grid.world, "JJG 1036-2022"))
    assert link.unit == "g"
    assert link.factor * 100 in {float(point.point.values["load_g"]) for point in evaluated("JJG 1036-2022").points}
    assert 0 < link.margin <= link.mpe


def test_where_the_standards_unit_is_not_the_regulations_the_effect_stays_unknown(grid) -> None:
    MeasurementStandard.objects.filter(number=grid.world.standard()).update(unit="ppm")
    link = Link.objects.get(certificate=issue(grid.world))
    assert (link.mpe, link.margin, link.factor, link.unit) == (None, None, None, "ppm")


def test_revoked_and_superseded_certificates_are_told_to_traceability(grid) -> None:
    first = issue(grid.world)
    job = submit_record(
        grid.world.verifier, grid.world.institute.pk, grid.world.holder.pk, grid.world.record("JJG 596-2012"),
        grid.world.standard("JJG 596-2012"), date(2026, 11, 20), AT,
    )  # fmt: skip
    review(grid.world.reviewer, job.pk, AT)
    second = approve(grid.world.signatory, job.pk, AT, supersedes=first).number
    revoke(grid.world.signatory, second, "记录有误", AT)
    assert set(Ending.objects.values_list("certificate", "how")) == {(first, "superseded"), (second, "revoked")}
    note_revoked(second, AT)
    assert Ending.objects.count() == 2, "told twice it is one"
    for change in (lambda: Ending.objects.update(how="revoked"), lambda: Ending.objects.all()._raw_delete("default")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_chain_reaches_the_national_standard_by_what_held_then(grid) -> None:
    grid.verify(0, "2026-05-01", "证-1")
    record_calibration(grid.working, grid.province, on("2026-06-01", "校准-w2"), None, AT)
    grid.verify(0, "2026-07-01", "证-2")

    def uppers(key: str) -> list[tuple[int, str]]:
        return [(step.level, step.link.upper.label) for step in chain_of("certificate", key).steps]

    assert uppers("证-1") == [(1, "工作电能表标准"), (2, "市电能表标准"), (3, "省电能表标准"), (4, "国家电能基准")]
    assert uppers("证-2") == [(1, "工作电能表标准"), (2, "省电能表标准"), (3, "国家电能基准")]
    now, before = chain_of("standard", "w"), chain_of("standard", "w", date(2026, 2, 1))
    assert [step.link.certificate for step in now.steps] == ["校准-w2", "校准-p"]
    assert [step.link.certificate for step in before.steps] == ["校准-w", "校准-c", "校准-p"]
    assert now.is_complete
    assert chain_of("standard", "无") is None
    assert chain_of("certificate", "无") is None


def test_a_chain_takes_two_queries(grid, django_assert_num_queries) -> None:
    grid.verify(0, "2026-05-01", "证-1")
    with django_assert_num_queries(2):
        picture = chain_of("certificate", "证-1").picture
    assert [row.texts[0].text for row in picture.rows] == [
        SI, "国家电能基准", "省电能表标准", "市电能表标准", "工作电能表标准", "证书 证-1",
    ]  # fmt: skip
    assert len(picture.lines) == 5
    words = [text.text for row in picture.rows for text in row.texts]
    assert "U = 0.01 % (k = 2)" in words
    assert any("校准-c" in word and "2025年6月10日" in word for word in words)
    assert not any(grid.world.holder.name in word for word in words), "whose instrument it is isn't published"


def test_parts_of_a_standard_are_replaced_each_by_its_own(grid) -> None:
    other = Item(Kind.CERTIFICATE, "NIM-2026-1", "中国计量科学研究院证书 NIM-2026-1", "440000")
    record_calibration(grid.working, other, on("2026-02-01", "NIM-2026-1", "温度计"), None, AT)
    record_calibration(grid.working, other, on("2026-03-01", "NIM-2026-2", "温度计"), None, AT)
    assert [step.link.certificate for step in chain_of("standard", "w").steps if step.level == 1] == [
        "校准-w", "NIM-2026-2",
    ]  # fmt: skip
    assert not chain_of("standard", "w").is_complete


def test_a_ring_is_refused_with_the_way_round(grid) -> None:
    with pytest.raises(TraceabilityError, match="省电能表标准 → 工作电能表标准 → 市电能表标准 → 省电能表标准"):
        record_calibration(grid.province, grid.working, on("2026-08-01", "校准-环"), None, AT)
    with pytest.raises(TraceabilityError, match="市电能表标准 → 市电能表标准"):
        record_calibration(grid.city, grid.city, on("2026-08-01", "校准-环"), None, AT)
    assert not Link.objects.filter(certificate="校准-环").exists()


@pytest.mark.parametrize(
    ("lower", "upper", "calibration", "reason"),
    [
        ("working", "meter", on("2026-08-01", "C"), "不能用来检定"),
        ("national", "city", on("2026-08-01", "C"), "没有更高的标准"),
        ("working", "city", on("2026-11-25", "C"), "晚于今天 2026-11-24"),
        ("working", "city", on("0100-01-01", "C"), "过早"),
        ("working", "city", on("2026-08-01", " "), "证书的编号"),
        ("working", "city", replace(on("2026-08-01", "C"), factor=float("inf")), "有限的数"),
        ("working", "city", replace(on("2026-08-01", "C"), until=date(2026, 7, 1)), "早于检定或校准日期"),
    ],
)
def test_what_is_no_link(grid, lower: str, upper: str, calibration: Calibration, reason: str) -> None:
    found = {"meter": grid.meters[0]} | {name: getattr(grid, name) for name in ("national", "city", "working")}
    with pytest.raises(TraceabilityError, match=reason):
        record_calibration(found[lower], found[upper], calibration, None, AT)


def test_the_same_link_twice_is_one_and_an_item_follows_its_registry(grid) -> None:
    first = grid.verify(0, "2026-05-01", "证-1")
    moved = replace(grid.meters[0], holder_id=grid.meters[2].holder_id, region="440305")
    again = record_calibration(moved, grid.working, on("2026-05-01", "证-1"), grid.world.institute.pk, AT)
    assert first.pk == again.pk
    assert Node.objects.get(kind="INSTRUMENT", key="0").region == "440305"


def test_a_quality_manager_records_what_his_standard_was_calibrated_with(grid) -> None:
    standard = MeasurementStandard.objects.get(number=grid.world.standard())
    with pytest.raises(NotPermittedError, match="质量负责人"):
        link_standard(grid.world.signatory, standard, grid.city, on("2026-08-01", "C"), AT)
    link = link_standard(grid.manager, standard, grid.city, on("2026-08-01", "C"), AT)
    assert link.lower.label == f"{standard.name} {standard.number}"
    assert item_of(standard).uncertainty.startswith("U = ")
    event = AuditEvent.objects.get(action="登记溯源")
    assert (event.subject, event.subject_id, event.after["certificate"]) == ("standard", standard.pk, "C")


FORBIDDEN = [
    lambda: Link.objects.update(certificate="别的"),
    lambda: Link.objects.all()._raw_delete("default"),
    lambda: Node.objects.update(key="别的"),
    lambda: Node.objects.filter(key="0")._raw_delete("default"),
]


@pytest.mark.parametrize("position", range(len(FORBIDDEN)))
def test_the_database_itself_refuses_to_change_a_link(grid, position: int) -> None:
    grid.verify(0, "2026-05-01", "证-1")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        FORBIDDEN[position]()


def test_a_text_is_wrapped_by_the_width_of_its_characters() -> None:
    assert wrapped("计量标准", 26, 3) == ["计量", "标准"]
    assert wrapped("计量标准", 26, 1) == ["计…"]
    assert wrapped("abcdef", 24, 9) == ["abc", "def"]
    assert wrapped("", 24, 9) == []
