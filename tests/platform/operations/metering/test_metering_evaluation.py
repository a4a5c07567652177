"""An evaluation over a lake: what it finds is what the kernel finds, and it is bound to what it began with."""

import pytest

from simulated_utility import METERS, meters_of, simulated
from yuejingzhun.platform.operations.metering.models import DistrictResult, Evaluation, Suspect, WorkItem
from yuejingzhun.platform.operations.metering.parts import district_rows, stated_of_meters

pytestmark = pytest.mark.django_db


def test_the_bad_meters_are_found(evaluated: Evaluation) -> None:
    assert evaluated.task is not None and evaluated.task.state == "DONE", evaluated.task.message
    assert (evaluated.districts, evaluated.meters) == (3, 3 * METERS)
    assert evaluated.kept == 3
    bad = {
        meter
        for number, district in enumerate(simulated(3))
        for meter, error in zip(meters_of(f"T{number:02}"), district.errors, strict=True)
        if abs(error) > 0.03
    }
    found = set(Suspect.objects.filter(evaluation=evaluated).values_list("meter", flat=True))
    assert bad <= found and len(found) <= len(bad) + 3
    assert evaluated.suspicious == len(found) == WorkItem.objects.filter(standing="OPEN").count()
    assert sum(evaluated.summary["errors"]) == evaluated.stated
    for row in DistrictResult.objects.all():
        own, meters = district_rows(evaluated, row)
        assert len(meters) == METERS and own["total_kwh"] > own["sum_kwh"] > 0
        assert 0.005 < row.loss_share < 0.06
        assert len(own["groups"]) == len(own["group_loss_kwh"]) <= 12
        lost = own["fixed_loss_kwh"] + sum(own["group_loss_kwh"])
        assert lost == pytest.approx(simulated(1, seed=int(row.district[1:]))[0].losses_kwh.sum(), rel=0.1)
        one = meters[3]
        assert stated_of_meters(evaluated, [one.meter]) == {one.meter: one}
