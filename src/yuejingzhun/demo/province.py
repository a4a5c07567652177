"""The demonstration data: institutes, people in every role, standards, holders, and verifications in every state."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from django.db import transaction

from yuejingzhun.demo.approvals import ITEM, Cast, load_approvals
from yuejingzhun.demo.credit import Supervised, load_credit
from yuejingzhun.demo.indicators import load_indicators
from yuejingzhun.demo.metering import load_metering
from yuejingzhun.demo.traceability import link_standards
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, full_name
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.queries import actor_of
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.certificates import signing
from yuejingzhun.platform.operations.certificates.services import approve
from yuejingzhun.platform.operations.verification.services import return_to_tester, review, submit_record
from yuejingzhun.platform.registry.catalogue.queries import item_of_regulation
from yuejingzhun.platform.registry.qualifications.models import Authorisation, AuthorisedItem, Registration
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.sample import sample_parameters, sample_record, sample_standard

PASSWORD = "yuejingzhun-demo"  # noqa: S105 - of the demonstration, printed at its start
ACCOUNTS = {
    "jiandingyuan": ("演示检定员", Role.VERIFIER),
    "heyanyuan": ("演示核验员", Role.REVIEWER),
    "qianziren": ("演示签字人", Role.SIGNATORY),
    "shoufa": ("演示收发员", Role.RECEPTIONIST),
    "zhiliang": ("演示质量负责人", Role.QUALITY_MANAGER),
    "shiyong": ("演示使用单位经办人", Role.HOLDER),
    "zhizao": ("演示制造单位经办人", Role.MAKER),
    "kaoping": ("演示考评员", Role.ASSESSOR),
    "jiliang": ("演示计量工程师", Role.METERING_ENGINEER),
    "jianguan": ("演示监管员", Role.REGULATOR),
}
# The regulators above and below the city's: each sees what lies within its own division.
OTHER_REGULATORS = {
    "shengjianguan": ("演示省级监管员", "演示广东省市场监督管理局", "440000"),
    "xianjianguan": ("演示区级监管员", "演示广州市天河区市场监督管理局", "440106"),
}
INSTITUTE_REGIONS = ("440100", "440300", "440600", "441900", "440800", "440200")
HOLDERS = (("演示供电局", "440106"), ("演示水务公司", "440103"), ("演示燃气公司", "440111"), ("演示加油站", "440113"))
DAYS_BACK = 20
Progress = Callable[[str], None]


def is_loaded() -> bool:
    """Whether the demonstration data are there."""
    return User.objects.filter(username=next(iter(ACCOUNTS))).exists()


@transaction.atomic
def load(at: datetime, progress: Progress) -> None:
    """Load everything, or nothing; `at` is now in UTC."""
    progress("机构、使用单位与监管部门")
    institutes = [
        _organisation(f"演示{full_name(region)}计量检定所", "institute", region, 10 + n)
        for n, region in enumerate(INSTITUTE_REGIONS)
    ]
    holders = [_organisation(name, "holder", region, 40 + n) for n, (name, region) in enumerate(HOLDERS)]
    authority = _organisation("演示广州市市场监督管理局", "authority", "440100", 70)
    above_and_below = {
        username: _organisation(name, "authority", region, 71 + n)
        for n, (username, (_, name, region)) in enumerate(OTHER_REGULATORS.items())
    }
    works_at = {
        Role.REGULATOR: authority,
        Role.HOLDER: holders[0],
        Role.MAKER: _organisation("演示仪表制造有限公司", "maker", "440112", 80),
        Role.ASSESSOR: institutes[1],
        Role.METERING_ENGINEER: holders[0],
    }
    progress("人员、账户与角色")
    actors = {
        role: _account(username, name, role, works_at.get(role, institutes[0]), at)
        for username, (name, role) in ACCOUNTS.items()
    }
    regulators = {
        username: _account(username, name, Role.REGULATOR, above_and_below[username], at)
        for username, (name, _, _) in OTHER_REGULATORS.items()
    }
    progress("机构授权与注册计量师")
    for institute in institutes:
        _authorise(institute, actors[Role.REGULATOR], at)
    _authorise_for_types(institutes[0])
    _register(actors[Role.VERIFIER], institutes[0], actors[Role.REGULATOR], at)
    progress("计量标准")
    for institute in institutes:
        _standards(institute, local_date(at))
    link_standards(local_date(at))
    # The keys must be older than the first signature.
    signing.signer_for(institutes[0].pk, institutes[0].name, at - timedelta(days=DAYS_BACK + 1))
    _verifications(actors, institutes[0], holders, at, progress)
    progress("型式批准与软件备案")
    load_approvals(_cast(actors, regulators["shengjianguan"], works_at[Role.MAKER], institutes[0], holders[0], at))
    progress("信用规则、事实与评价")
    county, province = regulators["xianjianguan"], regulators["shengjianguan"]
    load_credit(Supervised(actors[Role.HOLDER], actors[Role.REGULATOR], county, province, holders[0], at))
    progress("计量发展指标与专栏任务")
    load_indicators(province, above_and_below["shengjianguan"], at)
    progress("供电局的台区读数")
    load_metering(holders[0], works_at[Role.MAKER], at)


def _cast(
    actors: dict[Role, Actor], province: Actor, maker: Organisation, institute: Organisation, holder: Organisation,
    at: datetime,
) -> Cast:  # fmt: skip
    return Cast(
        actors[Role.MAKER],
        province,
        actors[Role.RECEPTIONIST],
        actors[Role.SIGNATORY],
        actors[Role.VERIFIER],
        actors[Role.HOLDER],
        maker.pk,
        maker.name,
        institute.pk,
        holder.pk,
        holder.region,
        at,
    )


def _organisation(name: str, kind: str, region: str, serial: int) -> Organisation:
    first17 = f"12{region}MB2X{serial:05}"
    return Organisation.objects.create(
        name=name,
        kind=kind,
        region=region,
        credit_code=first17 + check_character(first17),
        address=f"{full_name(region)}演示路 {serial} 号",
        phone="020-00000000",
        authorisation=f"(粤)法计(2024){serial:05}号" if kind == "institute" else "",
    )


def _account(username: str, name: str, role: Role, organisation: Organisation, at: datetime) -> Actor:
    user = User.objects.create_user(username, password=PASSWORD)
    person = Person.objects.create(name=name, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=person,
        role=role.name,
        organisation=organisation,
        regulations=list(procedures()) if role is Role.VERIFIER else [],
        valid_from=local_date(at) - timedelta(days=365),
        valid_until=local_date(at) + timedelta(days=4 * 365),
    )
    return actor_of(user.pk, local_date(at))


def _authorise(institute: Organisation, by: Actor, at: datetime) -> None:
    today = local_date(at)
    granted = Authorisation.objects.create(
        institute=institute,
        kind="legal",
        level="city",
        number=institute.authorisation,
        valid_from=today - timedelta(days=365),
        valid_until=today + timedelta(days=4 * 365),
        granted_by_id=by.person_id,
        granted_at=at,
    )
    AuthorisedItem.objects.bulk_create(
        AuthorisedItem(
            authorisation=granted,
            item=item_of_regulation(code, today) or "",
            regulation=code,
            series=code.rpartition("-")[0],
            region=institute.region,
        )
        for code in procedures()
    )


def _authorise_for_types(institute: Organisation) -> None:
    """Type evaluation of electricity meters, for the whole province."""
    granted = Authorisation.objects.get(institute=institute)
    AuthorisedItem.objects.create(authorisation=granted, item=ITEM, region=PROVINCE)


def _register(metrologist: Actor, institute: Organisation, by: Actor, at: datetime) -> None:
    Registration.objects.create(
        person_id=metrologist.person_id,
        institute=institute,
        level="second",
        number="演示注册 0001",
        regulations=list(procedures()),
        act="registration",
        valid_from=local_date(at) - timedelta(days=365),
        valid_until=local_date(at) + timedelta(days=4 * 365),
        granted_by_id=by.person_id,
        granted_at=at,
    )


def _standards(institute: Organisation, today: date) -> None:
    for n, (code, declared) in enumerate(procedures().items(), 1):
        reference = sample_standard(declared, sample_parameters(declared), today)
        MeasurementStandard.objects.create(
            owner=institute,
            name=reference.name,
            number=f"[2024]粤量标{institute.region}证字第{n:03}号",
            regulations=[code],
            expanded_uncertainty=reference.expanded_uncertainty,
            unit=declared.standard_unit,
            coverage_factor=reference.coverage_factor,
            certificate=f"DEMO-{institute.region}-{n:03}",
            valid_until=reference.valid_until,
            traceable_to="国家计量基准",
        )


def _verifications(
    actors: dict[Role, Actor], institute: Organisation, holders: list[Organisation], at: datetime, progress: Progress
) -> None:
    generator = np.random.default_rng(20221201)
    for n, declared in enumerate(procedures().values(), 1):
        progress(f"检定记录与证书 {n}/{len(procedures())}：{declared.instrument}")
        for step, passing in enumerate((True, False, True)):
            # Some days ago, so that the last steps are still open today.
            day = at - timedelta(days=DAYS_BACK - step - n % 3)
            acted = min(datetime.combine(day.date(), time(2, 0), UTC), at)
            record, _ = sample_record(declared, passing=passing, generator=generator, tested_on=local_date(acted))
            number = f"[2024]粤量标{institute.region}证字第{n:03}号"
            holder = holders[n % len(holders)].pk
            received = local_date(acted) - timedelta(days=2)
            job = submit_record(actors[Role.VERIFIER], institute.pk, holder, record, number, received, acted)
            _carry_on(actors, job.pk, acted, step, n)


def _carry_on(actors: dict[Role, Actor], job_id: int, at: datetime, step: int, n: int) -> None:
    """Most go the whole way; the last of each kind stops somewhere, so that everyone has something to do."""
    if step == 2 and n % 3 == 0:
        return
    if step == 2 and n % 3 == 1:
        return_to_tester(actors[Role.REVIEWER], job_id, "环境湿度与温湿度记录仪不符，请核对后重新提交", at)
        return
    review(actors[Role.REVIEWER], job_id, at)
    if step < 2:
        approve(actors[Role.SIGNATORY], job_id, at)


def account_lines() -> Iterable[str]:
    """The demonstration accounts, for the terminal."""
    for username, (_, role) in ACCOUNTS.items():
        place = "（广州市）" if role is Role.REGULATOR else ""
        yield f"{role.value}{place}：{username}，密码 {PASSWORD}"
    for username, (_, _, region) in OTHER_REGULATORS.items():
        yield f"{Role.REGULATOR.value}（{full_name(region)}）：{username}，密码 {PASSWORD}"
