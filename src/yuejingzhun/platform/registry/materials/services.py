"""Acts on reference materials: enter one, take in a batch, withdraw it. By the quality manager of the holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.materials.errors import MaterialError, UnknownMaterialError
from yuejingzhun.platform.registry.materials.models import Batch, CertifiedValue, ReferenceMaterial
from yuejingzhun.platform.registry.materials.queries import material
from yuejingzhun.platform.registry.materials.rules import grade_of, normal_number
from yuejingzhun.procedures.local_date import local_date


@dataclass(frozen=True, slots=True)
class ValueIn:
    """A certified property value with U and k, in `unit`."""

    quantity: str
    value: Decimal
    expanded_uncertainty: Decimal
    coverage_factor: Decimal
    unit: str


@transaction.atomic
def enter_material(actor: Actor, number: str, name: str, producer: str, at: datetime) -> ReferenceMaterial:
    """Enter a material of the national list; the number tells its class. Raises MaterialError."""
    if not actor.has(Role.QUALITY_MANAGER):
        raise NotPermittedError(f"{actor.name} 不是质量负责人，不能登记标准物质")
    normal = normal_number(number)
    grade = grade_of(normal)
    if grade is None:
        raise MaterialError(f"编号：为 {number[:40]!r}，应为 GBW 加 5 位数字（一级）或 GBW(E) 加 6 位数字（二级）")
    if not name.strip() or not producer.strip():
        raise MaterialError("名称和研制（生产）单位都要填写")
    found, created = ReferenceMaterial.objects.get_or_create(
        number=normal, defaults={"name": name.strip(), "grade": grade.name, "producer": producer.strip()}
    )
    if not created:
        raise MaterialError(f"标准物质 {normal} 已经登记：{found.name}")
    record_event(actor, "登记标准物质", "material", found.pk, at, after={"number": normal})
    return found


@transaction.atomic
def take_in_batch(
    actor: Actor,
    material_number: str,
    owner_id: int,
    number: str,
    certificate: str,
    place: str,
    received_on: date,
    expires_on: date,
    values: Sequence[ValueIn],
    at: datetime,
) -> Batch:
    """Take a batch into stock with the values of its certificate; raises MaterialError and UnknownMaterialError."""
    if not may_act(actor, Role.QUALITY_MANAGER, owner_id):
        raise NotPermittedError(f"{actor.name} 不是本单位的质量负责人")
    if not number.strip() or not place.strip():
        raise MaterialError("批号和存放地点都要填写")
    if expires_on < received_on:
        raise MaterialError(f"有效期：为 {expires_on}，应不早于入库日期 {received_on}")
    if received_on > local_date(at):
        raise MaterialError(f"入库日期：为 {received_on}，应不晚于今天 {local_date(at)}")
    if not values:
        raise MaterialError("标准值：没有填写，应至少有一项")
    batch = Batch(
        material=material(material_number),
        owner_id=owner_id,
        number=number.strip(),
        certificate=certificate.strip(),
        place=place.strip(),
        received_on=received_on,
        expires_on=expires_on,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError as error:
        raise MaterialError(f"标准物质 {batch.material.number} 的批号 {batch.number} 已经入库") from error
    _keep_values(batch, values)
    record_event(actor, "标准物质入库", "batch", batch.pk, at, after={"number": batch.number, "until": str(expires_on)})
    return batch


@transaction.atomic
def withdraw_batch(actor: Actor, batch_id: int, reason: str, at: datetime) -> Batch:
    """Take a batch out of use from today on, used up, spoiled or recalled by its producer."""
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None or not may_act(actor, Role.QUALITY_MANAGER, batch.owner_id):
        raise UnknownMaterialError(f"没有编号为 {batch_id} 的批次，或您不是其保管单位的质量负责人")
    if batch.withdrawn_on is not None:
        raise MaterialError(f"批号 {batch.number} 已于 {batch.withdrawn_on} 停用")
    if not reason.strip():
        raise MaterialError("停用须写明原因")
    batch.withdrawn_on, batch.withdrawal_reason = local_date(at), reason.strip()
    batch.save(update_fields=["withdrawn_on", "withdrawal_reason"])
    record_event(actor, "停用标准物质", "batch", batch.pk, at, reason=reason.strip())
    return batch


def _keep_values(batch: Batch, values: Sequence[ValueIn]) -> None:
    names = [value.quantity for value in values]
    if len(set(names)) < len(names):
        raise MaterialError("标准值：同一特性量出现了两次")
    for value in values:
        if value.expanded_uncertainty <= 0 or not 0 < value.coverage_factor < 1000:
            raise MaterialError(f"{value.quantity}：U 和 k 应大于零，k 应小于 1000")
        CertifiedValue.objects.create(
            batch=batch,
            quantity=value.quantity,
            value=value.value,
            expanded_uncertainty=value.expanded_uncertainty,
            coverage_factor=value.coverage_factor,
            unit=value.unit,
        )
