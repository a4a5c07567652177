"""Scenes of qualifications, reference materials and instruments."""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from instrument_tables import asked, csv_file, meters, with_code
from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.instruments import desks
from yuejingzhun.platform.registry.instruments import queries as instruments
from yuejingzhun.platform.registry.instruments import services as filing
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.models import InUse
from yuejingzhun.platform.registry.instruments.rules import Filing
from yuejingzhun.platform.registry.materials import queries as stock
from yuejingzhun.platform.registry.materials import services as materials
from yuejingzhun.platform.registry.materials.models import Batch
from yuejingzhun.platform.registry.qualifications import queries as qualifications
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.qualifications.rules import Certificate, Entitlement, Line, Scope
from yuejingzhun.platform.registry.qualifications.services import authorisations, competence, metrologists

QUALIFICATIONS, MATERIALS, INSTRUMENTS = "registry.qualifications", "registry.materials", "registry.instruments"
CODE = "JJG 596-2012"
GBW = "GBW(E) 130001"


def _certificate(start: date) -> Certificate:
    lines = (Line(Scope("", CODE, "440100")),)
    return Certificate("legal", "city", "(粤)法计新号", start, date(2030, 1, 1), lines)


def _entitlement(town: Town, start: date, until: date = date(2029, 12, 31)) -> Entitlement:
    return Entitlement(town.institute, "second", "粤注新号", (CODE,), start, until)


def _registered(town: Town) -> Registration:
    return Registration.objects.get(person_id=town.world.verifier.person_id)


def _authorised(town: Town) -> Authorisation:
    return Authorisation.objects.get(institute_id=town.institute)


@scene(f"{QUALIFICATIONS}.services.authorisations.grant_authorisation")
def _grant(town: Town) -> Call:
    new = _certificate(date(2030, 1, 1))
    return lambda actor: authorisations.grant_authorisation(actor, town.institute, new, AT)


@scene(f"{QUALIFICATIONS}.services.authorisations.change_authorisation")
def _change(town: Town) -> Call:
    held, new = _authorised(town), _certificate(date(2027, 1, 1))
    return lambda actor: authorisations.change_authorisation(actor, held.pk, new, AT)


@scene(f"{QUALIFICATIONS}.services.authorisations.withdraw_authorisation")
def _withdraw(town: Town) -> Call:
    held = _authorised(town)
    return lambda actor: authorisations.withdraw_authorisation(actor, held.pk, TODAY, "原因", AT)


@scene(f"{QUALIFICATIONS}.services.metrologists.register_metrologist")
def _register(town: Town) -> Call:
    new = Person.objects.create(name="新人", organisation=town.world.institute)
    return lambda actor: metrologists.register_metrologist(actor, new.pk, _entitlement(town, TODAY), AT)


@scene(f"{QUALIFICATIONS}.services.metrologists.change_registration")
def _change_registration(town: Town) -> Call:
    held = _registered(town)
    return lambda actor: metrologists.change_registration(actor, held.pk, _entitlement(town, TODAY), AT)


@scene(f"{QUALIFICATIONS}.services.metrologists.extend_registration")
def _extend(town: Town) -> Call:
    held, given = _registered(town), _entitlement(town, date(2030, 1, 1), date(2034, 12, 31))
    return lambda actor: metrologists.extend_registration(actor, held.pk, given, AT)


@scene(f"{QUALIFICATIONS}.services.metrologists.cancel_registration")
def _cancel(town: Town) -> Call:
    held = _registered(town)
    return lambda actor: metrologists.cancel_registration(actor, held.pk, TODAY, "原因", AT)


@scene(f"{QUALIFICATIONS}.services.competence.record_training")
def _training(town: Town) -> Call:
    person = town.world.verifier.person_id
    return lambda actor: competence.record_training(actor, person, "培训", "举办单位", 8, TODAY, True, AT)


@scene(f"{QUALIFICATIONS}.services.competence.record_peer_review")
def _peer_review(town: Town) -> Call:
    person, peer = town.world.verifier.person_id, town.world.reviewer.person_id
    return lambda actor: competence.record_peer_review(actor, person, peer, CODE, "盲样", True, "", TODAY, AT)


@scene(f"{QUALIFICATIONS}.queries.authorisations_for")
def _authorisations(town: Town) -> Call:
    held = _authorised(town)
    return lambda actor: held in qualifications.authorisations_for(actor, "440100", TODAY)


@scene(f"{QUALIFICATIONS}.queries.visible_institute")
def _institute(town: Town) -> Call:
    return lambda actor: qualifications.visible_institute(actor, town.institute)


@scene(f"{QUALIFICATIONS}.queries.visible_person#colleague")
def _colleague(town: Town) -> Call:
    return lambda actor: qualifications.visible_person(actor, town.world.verifier.person_id)


@scene(f"{QUALIFICATIONS}.queries.visible_person#self")
def _oneself(town: Town) -> Call:
    return lambda actor: qualifications.visible_person(actor, town.themselves.pk)


def _batch(town: Town) -> Batch:
    manager = town.another(Role.QUALITY_MANAGER)
    materials.enter_material(manager, GBW, "演示溶液", "研制单位", AT)
    return materials.take_in_batch(manager, GBW, town.institute, "B1", "C1", "柜 1", TODAY, TODAY, [_value()], AT)


def _value() -> materials.ValueIn:
    return materials.ValueIn("浓度", Decimal("1.00"), Decimal("0.01"), Decimal(2), "mg/L")


@scene(f"{MATERIALS}.services.enter_material")
def _enter(town: Town) -> Call:
    return lambda actor: materials.enter_material(actor, GBW, "演示溶液", "研制单位", AT)


@scene(f"{MATERIALS}.services.take_in_batch")
def _take_in(town: Town) -> Call:
    known = _batch(town).material.number
    return lambda actor: materials.take_in_batch(
        actor, known, town.institute, "B2", "C2", "柜 1", TODAY, TODAY, [_value()], AT
    )


@scene(f"{MATERIALS}.services.withdraw_batch")
def _withdraw_batch(town: Town) -> Call:
    batch = _batch(town)
    return lambda actor: materials.withdraw_batch(actor, batch.pk, "用完", AT)


@scene(f"{MATERIALS}.queries.material_list")
def _material_list(town: Town) -> Call:
    _batch(town)
    return lambda actor: any(found.held for found in stock.material_list(actor))


@scene(f"{MATERIALS}.queries.batches_of")
def _batches(town: Town) -> Call:
    batch = _batch(town)
    return lambda actor: batch in stock.batches_of(actor, batch.material_id)


@scene(f"{INSTRUMENTS}.services.file")
def _file(town: Town) -> Call:
    new = Filing("电能表", "DDS", "NEW1", "厂", "440106")
    return lambda actor: filing.file(actor, town.party, new, AT)


@scene(f"{INSTRUMENTS}.services.hand_over")
def _hand_over(town: Town) -> Call:
    code = with_code(town.seats[Seat.SISTER], 7)
    return lambda actor: filing.hand_over(actor, town.meters[0].pk, code, AT)


@scene(f"{INSTRUMENTS}.services.relocate")
def _relocate(town: Town) -> Call:
    return lambda actor: filing.relocate(actor, town.meters[0].pk, "440105", "新址", AT)


@scene(f"{INSTRUMENTS}.services.set_in_use")
def _set_in_use(town: Town) -> Call:
    return lambda actor: filing.set_in_use(actor, town.meters[0].pk, InUse.STOPPED, "停产", AT)


@scene(f"{INSTRUMENTS}.importing.ask_import")
def _ask_import(town: Town) -> Call:
    path = csv_file(Path(tempfile.mkdtemp()) / "表.csv", meters(1, with_code(town.world.holder, 8)))
    return lambda actor: asked(actor, path, Keep.GOOD, f"HOLDER:{town.party}")


@scene(f"{INSTRUMENTS}.desks.desk_of#receptionist")
def _desk_of_institute(town: Town) -> Call:
    return lambda actor: desks.desk_of(actor, f"RECEPTIONIST:{town.institute}")


@scene(f"{INSTRUMENTS}.desks.desk_of#enterprise")
def _desk_of_enterprise(town: Town) -> Call:
    return lambda actor: desks.desk_of(actor, f"RECEPTIONIST:{town.party}")


@scene(f"{INSTRUMENTS}.desks.desk_of#regulator")
def _desk_of_authority(town: Town) -> Call:
    return lambda actor: desks.desk_of(actor, f"REGULATOR:{town.seats[Seat.CITY].pk}")


@scene(f"{INSTRUMENTS}.queries.own_instruments")
def _own(town: Town) -> Call:
    return lambda actor: town.meters[0] in instruments.own_instruments(actor, town.party)


@scene(f"{INSTRUMENTS}.queries.due")
def _due(town: Town) -> Call:
    return lambda actor: town.meters[0] in instruments.due(actor, "440106", TODAY)


@scene(f"{INSTRUMENTS}.queries.standings_in")
def _standings(town: Town) -> Call:
    return lambda actor: sum(row.number for row in instruments.standings_in(actor, "440106", TODAY)[0]) == 2


@scene(f"{INSTRUMENTS}.queries.find")
def _find(town: Town) -> Call:
    return lambda actor: bool(instruments.find(actor, town.meters[0].serial).instruments)


@scene(f"{INSTRUMENTS}.queries.counts_of_holder")
def _counts(town: Town) -> Call:
    return lambda actor: any(instruments.counts_of_holder(actor, town.party, TODAY).values())


@scene(f"{INSTRUMENTS}.queries.never_verified")
def _never_verified(town: Town) -> Call:
    return lambda actor: town.meters[0] in instruments.never_verified(actor, "440106")
