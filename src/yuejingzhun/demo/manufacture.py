"""The makers as organisations."""

from datetime import datetime

import numpy as np

from yuejingzhun.demo.figures import SEED, Places
from yuejingzhun.demo.makers import makers
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.models import Organisation, Person


def load_makers(places: Places, by: Person, at: datetime) -> list[Organisation]:
    """501 makers, most of them in the delta."""
    generator = np.random.default_rng([SEED, 13])
    where = generator.choice(len(places.codes), len(makers()), p=places.industry)
    rows = []
    for n, (maker, place) in enumerate(zip(makers(), where, strict=True)):
        region = places.codes[place]
        first17 = f"91{region}MX2Y{n:05}"
        rows.append(
            Organisation(
                name=maker.name,
                kind="maker",
                region=region,
                credit_code=first17 + check_character(first17),
                address=f"{full_name(region)}演示路 {n + 1} 号",
                phone="000-00000000",
            )
        )
    return Organisation.objects.bulk_create(rows)
