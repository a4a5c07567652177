"""Behind every standard of the demonstration, and behind its certificates, the chain is whole."""

from datetime import UTC, date, datetime

from small_world import make_world
from yuejingzhun.demo import province
from yuejingzhun.demo.traceability import link_standards
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.traceability.models import Link, Node
from yuejingzhun.platform.registry.traceability.queries import chain_of

TODAY = date(2026, 11, 24)


def test_the_chains_of_certificates_are_whole(db: None) -> None:
    province.load(datetime(2026, 11, 24, 8, 30, tzinfo=UTC), lambda _: None)
    for certificate in Certificate.objects.all():
        chain = chain_of("certificate", certificate.number)
        assert chain is not None and chain.is_complete
        assert len(chain.steps) == 3  # of the institute, of the province, national


def test_every_standard_is_linked_once_and_what_stands_above_is_finer(db: None) -> None:
    make_world()
    link_standards(TODAY)
    there = set(Link.objects.values_list("pk", flat=True))
    link_standards(TODAY)
    assert set(Link.objects.values_list("pk", flat=True)) == there
    first = MeasurementStandard.objects.order_by("pk").first()
    more = {
        "owner": first.owner,
        "regulations": first.regulations,
        "unit": first.unit,
        "valid_until": first.valid_until,
    }
    more["expanded_uncertainty"] = first.expanded_uncertainty
    MeasurementStandard.objects.create(name="又一套", number="又一套", **more)
    link_standards(TODAY)
    assert Link.objects.count() == len(there) + 1  # the province's is there already, and is not calibrated twice
    for standard in MeasurementStandard.objects.all():
        chain = chain_of("standard", str(standard.pk))
        assert chain is not None and chain.is_complete
        uncertainties = [float(step.link.upper.uncertainty.split()[2]) for step in chain.steps]
        assert float(standard.expanded_uncertainty) > uncertainties[0] > uncertainties[1]


def test_the_provinces_own_standards_are_calibrated_by_the_national_one(db: None) -> None:
    world = make_world()
    world.institute.region = "440000"
    world.institute.save()
    link_standards(TODAY)
    standard = MeasurementStandard.objects.first()
    assert [step.link.upper.kind for step in chain_of("standard", str(standard.pk)).steps] == ["NATIONAL"]
    assert Node.objects.filter(kind="STANDARD", holder=None).exists()
