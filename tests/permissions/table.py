"""What each role may do and see, written by hand: the specification that the code is held to, cell by cell."""

from collections.abc import Iterable
from dataclasses import dataclass

from permissions.seats import OF_NOBODY, OF_REGULATORS, Cell, Seat
from yuejingzhun.platform.foundation.parties.rules import Role

BODY, PARTY = (Seat.INSTITUTE,), (Seat.PARTY,)
CONCERNED = (Seat.INSTITUTE, Seat.PARTY)
OF_COUNTY = (Seat.COUNTY, Seat.CITY, Seat.PROVINCE)
OF_CITY = (Seat.CITY, Seat.PROVINCE)
SELF = (Seat.SELF,)


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do or to see: the function (after a `#` the case), its name on the page, who may."""

    key: str
    title: str
    allowed: frozenset[Cell]

    @property
    def app(self) -> str:
        """Its app with the tier."""
        return ".".join(self.key.split(".")[:2])


def act(
    key: str, title: str, staff: Iterable[Seat] = (), everybody: Iterable[Seat] = (), **roles: Iterable[Seat]
) -> Act:
    """`staff`: every role but the regulator's on these seats; `everybody`: every role, and who has none."""
    found = {Cell(role, seat) for role in Role if role is not Role.REGULATOR for seat in staff}
    found |= {Cell(role, seat) for role in Role for seat in everybody}
    found |= {Cell(None, seat) for seat in everybody if seat in OF_NOBODY}
    found |= {Cell(_role(name), seat) for name, seats in roles.items() for seat in seats}
    return Act(key, title, frozenset(found))


def _role(name: str) -> Role:
    return Role.QUALITY_MANAGER if name == "quality" else Role[name.upper()]


EVERYWHERE = (Seat.INSTITUTE, Seat.PARTY, Seat.SISTER, Seat.AWAY, Seat.SELF)
FOUNDATION = (
    act(
        "foundation.parties.searching.holders_like", "按名称查找使用单位",
        verifier=EVERYWHERE, receptionist=EVERYWHERE, regulator=OF_REGULATORS,
    ),
    act("foundation.audit.queries.page_of", "看审计线索", everybody=SELF, quality=BODY, regulator=OF_CITY),
    act("foundation.audit.queries.export_of", "导出审计线索", everybody=SELF, quality=BODY, regulator=OF_CITY),
    act("foundation.audit.queries.actions_of", "按动作筛选审计线索", everybody=SELF, quality=BODY, regulator=OF_CITY),
    act("foundation.jobs.queries.own_task", "看一项后台任务", everybody=SELF),
    act("foundation.jobs.queries.own_tasks", "看后台任务列表", everybody=SELF),
    act("foundation.jobs.services.stop", "停止后台任务", everybody=SELF),
    act("foundation.jobs.services.restart", "重新开始后台任务（以使用单位名义的导入）", holder=SELF),
)  # fmt: skip

STANDARDS = "registry.standards"
ASSESSMENT = (
    act(f"{STANDARDS}.services.applications.apply", "申请计量标准考核", quality=BODY),
    act(f"{STANDARDS}.services.applications.withdraw", "撤回考核申请", quality=BODY),
    act(f"{STANDARDS}.services.applications.correct", "报告整改", quality=BODY),
    act(f"{STANDARDS}.services.applications.accept", "受理考核申请、指定考评员", regulator=OF_CITY),
    act(f"{STANDARDS}.services.applications.return_to_applicant", "退回考核申请", regulator=OF_CITY),
    act(f"{STANDARDS}.services.assessments.report_pass", "考评合格", assessor=SELF),
    act(f"{STANDARDS}.services.assessments.require_correction", "要求整改", assessor=SELF),
    act(f"{STANDARDS}.services.assessments.report_failure", "考评不合格", assessor=SELF),
    act(f"{STANDARDS}.services.decisions.approve", "颁发考核证书", regulator=OF_CITY),
    act(f"{STANDARDS}.services.decisions.refuse", "不予发证", regulator=OF_CITY),
    act(f"{STANDARDS}.applications.visible_application", "看考核申请", staff=BODY, everybody=SELF, regulator=OF_CITY),
    act(f"{STANDARDS}.applications.waiting_for#submitted", "待办：待受理的考核申请", regulator=OF_CITY),
    act(f"{STANDARDS}.applications.waiting_for#accepted", "待办：待考评的考核申请", assessor=SELF),
    act(f"{STANDARDS}.applications.applications_of", "本单位的考核申请", quality=BODY),
)  # fmt: skip
IN_USE = (
    act(f"{STANDARDS}.services.declarations.declare", "自我声明", quality=PARTY),
    act(f"{STANDARDS}.services.declarations.withdraw_declaration", "撤回自我声明", quality=PARTY),
    act(f"{STANDARDS}.services.declarations.contest", "对自我声明提出异议", regulator=OF_COUNTY),
    act(f"{STANDARDS}.services.declarations.settle", "处理异议", regulator=OF_COUNTY),
    act(f"{STANDARDS}.applications.contested_for", "待办：有异议的自我声明", regulator=OF_COUNTY),
    act(f"{STANDARDS}.services.interruptions.suspend", "封存、暂停使用计量标准", quality=BODY, regulator=OF_CITY),
    act(f"{STANDARDS}.services.interruptions.resume", "恢复使用计量标准", quality=BODY, regulator=OF_CITY),
    act(f"{STANDARDS}.services.interruptions.cancel", "撤销计量标准", quality=BODY, regulator=OF_CITY),
    act(f"{STANDARDS}.services.records.record_repeatability", "记录重复性试验", quality=BODY, verifier=BODY),
    act(f"{STANDARDS}.services.records.record_stability", "记录稳定性考核", quality=BODY, verifier=BODY),
    act(f"{STANDARDS}.services.records.complete_report", "补录技术报告数据", quality=BODY),
    act(f"{STANDARDS}.services.records.renew_equipment", "更新溯源证书", quality=BODY),
    act(f"{STANDARDS}.queries.standard_page", "计量标准列表", staff=BODY, regulator=OF_CITY),
    act(f"{STANDARDS}.queries.visible_standard", "看未公开的计量标准", staff=BODY, regulator=OF_CITY),
)  # fmt: skip

QUALIFICATIONS = "registry.qualifications"
QUALIFIED = (
    act(f"{QUALIFICATIONS}.services.authorisations.grant_authorisation", "机构授权", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.authorisations.change_authorisation", "授权换证", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.authorisations.withdraw_authorisation", "撤销授权", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.metrologists.register_metrologist", "计量师注册", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.metrologists.change_registration", "变更注册", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.metrologists.extend_registration", "延续注册", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.metrologists.cancel_registration", "注销注册", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.services.competence.record_training", "记录培训", quality=BODY),
    act(f"{QUALIFICATIONS}.services.competence.record_peer_review", "记录同行评审", quality=BODY),
    act(f"{QUALIFICATIONS}.queries.authorisations_for", "看辖区的机构授权", regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.queries.visible_institute", "看机构的授权与人员", staff=BODY, regulator=OF_CITY),
    act(f"{QUALIFICATIONS}.queries.visible_person#colleague", "看人员的注册与培训", staff=BODY, regulator=OF_CITY),
    act(
        f"{QUALIFICATIONS}.queries.visible_person#self", "看本人的注册与培训",
        staff=(Seat.AWAY,), everybody=SELF, regulator=(Seat.OTHER_CITY, Seat.PROVINCE),
    ),
)  # fmt: skip

MATERIALS = (
    act(
        "registry.materials.services.enter_material", "登记标准物质",
        quality=EVERYWHERE,
    ),
    act("registry.materials.services.take_in_batch", "标准物质入库", quality=BODY),
    act("registry.materials.services.withdraw_batch", "停用标准物质批次", quality=BODY),
    act("registry.materials.queries.material_list", "看存量（名录本身人人可看）", staff=BODY),
    act("registry.materials.queries.batches_of", "看批次", staff=BODY),
)  # fmt: skip

IN_THE_CITY = (Seat.INSTITUTE, Seat.SISTER)
INSTRUMENTS = (
    act(
        "registry.instruments.services.file", "器具备案",
        holder=PARTY, receptionist=IN_THE_CITY, regulator=OF_COUNTY,
    ),
    act("registry.instruments.services.hand_over", "器具转移", holder=PARTY),
    act("registry.instruments.services.relocate", "器具移址", holder=PARTY),
    act("registry.instruments.services.set_in_use", "器具停用、启用、报废", holder=PARTY),
    act("registry.instruments.importing.ask_import", "导入器具：以使用单位名义", holder=PARTY),
    act("registry.instruments.desks.desk_of#receptionist", "导入、导出器具：机构代辖区", receptionist=BODY),
    act("registry.instruments.desks.desk_of#enterprise", "导入、导出器具：企业的收发人员代辖区"),
    act("registry.instruments.desks.desk_of#regulator", "导入、导出器具：市级监管部门", regulator=(Seat.CITY,)),
    act("registry.instruments.queries.own_instruments", "看使用单位的器具", staff=PARTY, regulator=OF_COUNTY),
    act("registry.instruments.queries.counts_of_holder", "使用单位器具的件数", staff=PARTY, regulator=OF_COUNTY),
    act("registry.instruments.queries.due", "看辖区到期器具", regulator=OF_COUNTY),
    act("registry.instruments.queries.standings_in", "看辖区器具的件数", regulator=OF_COUNTY),
    act("registry.instruments.made_by.products_of", "本单位产品的在册型号", maker=PARTY),
    act("registry.instruments.made_by.count_made_by", "本单位产品的在册台件", maker=PARTY),
    act("registry.instruments.queries.never_verified", "看辖区未检定器具", regulator=OF_COUNTY),
    act(
        "registry.instruments.queries.find", "查找器具",
        holder=PARTY, receptionist=IN_THE_CITY, verifier=IN_THE_CITY, regulator=OF_COUNTY,
    ),
)  # fmt: skip

REMINDED = (
    act("registry.reminders.queries.inbox#holder", "看本单位的到期提醒", holder=PARTY),
    act("registry.reminders.queries.inbox#regulator", "看市局的超期周报", regulator=(Seat.CITY,)),
)

APPROVALS = "registry.approvals"
OF_PROVINCE = (Seat.PROVINCE,)
APPROVED = (
    act(f"{APPROVALS}.services.applications.apply", "申请型式批准", maker=PARTY),
    act(f"{APPROVALS}.services.applications.apply_for_change", "申请变更型式批准", maker=PARTY),
    act(f"{APPROVALS}.services.applications.withdraw_application", "撤回型式批准申请", maker=PARTY),
    act(f"{APPROVALS}.services.decisions.accept", "受理、委托型式评价", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.decisions.refuse", "不予受理型式批准", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.evaluations.receive_samples", "型式评价收样", receptionist=BODY, verifier=BODY),
    act(f"{APPROVALS}.services.evaluations.report_evaluation", "报告型式评价结果", signatory=BODY),
    act(f"{APPROVALS}.services.decisions.issue", "批准型式、签发证书", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.decisions.reject", "不予批准型式", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.decisions.withdraw_approval", "撤销型式批准", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.queries.application", "看型式批准申请", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{APPROVALS}.queries.document", "看申请资料", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{APPROVALS}.queries.own_applications", "本单位的型式批准申请", maker=PARTY),
    act(f"{APPROVALS}.queries.own_types", "本单位的型式", maker=PARTY),
    act(f"{APPROVALS}.own_counts.own_counts", "本单位型式与软件备案的件数", maker=PARTY),
    act(f"{APPROVALS}.queries.applications_to_decide", "待办：待受理、待审批的型式", regulator=OF_COUNTY),
    act(f"{APPROVALS}.queries.applications_to_evaluate", "待办：型式评价", staff=BODY),
    act(f"{APPROVALS}.services.software_filings.file_software", "提交软件备案", maker=PARTY),
    act(f"{APPROVALS}.services.software_filings.accept_software", "予以软件备案", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.software_filings.refuse_software", "不予软件备案", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.services.software_filings.block_software", "禁用软件版本", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.filed.own_software", "本单位提交的软件备案", maker=PARTY),
    act(f"{APPROVALS}.filed.software_to_decide", "待办：待审核的软件备案", regulator=OF_PROVINCE),
    act(f"{APPROVALS}.filed.comparisons_astray", "看软件与备案不一致的器具", regulator=OF_PROVINCE),
    act(
        f"{APPROVALS}.services.software_filings.record_comparison", "比对器具的软件并登记（器具不限地域）",
        verifier=EVERYWHERE, reviewer=EVERYWHERE, quality=EVERYWHERE, regulator=OF_REGULATORS,
    ),
    act(
        f"{APPROVALS}.filed.comparisons_of_device", "看一台器具的软件比对（不含使用单位，器具不限地域）",
        verifier=EVERYWHERE, reviewer=EVERYWHERE, quality=EVERYWHERE, regulator=OF_REGULATORS,
    ),
)  # fmt: skip

TRACEABILITY = "registry.traceability"
TRACEABLE = (
    act(f"{TRACEABILITY}.services.link_standard", "登记计量标准的溯源", quality=BODY),
    act(f"{TRACEABILITY}.services.declare_recall", "宣布追溯", quality=BODY, regulator=OF_CITY),
    act(f"{TRACEABILITY}.services.declare_and_list", "宣布追溯并列清单", quality=BODY, regulator=OF_CITY),
    act(f"{TRACEABILITY}.tasks.may_list", "由后台任务列清单", quality=BODY, regulator=OF_CITY),
    act(f"{TRACEABILITY}.queries.shown_chain#instrument", "看器具的溯源链", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{TRACEABILITY}.queries.shown_chain#standard", "看未公开标准的溯源链", staff=BODY, regulator=OF_CITY),
    act(f"{TRACEABILITY}.queries.recalls_for", "追溯列表", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{TRACEABILITY}.queries.visible_recall", "看追溯", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{TRACEABILITY}.queries.affected_of", "看受影响的证书", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{TRACEABILITY}.queries.tallies_of", "看受影响单位的合计", staff=CONCERNED, regulator=OF_COUNTY),
)  # fmt: skip

VERIFICATION = (
    act("operations.verification.services.submit_record", "提交检定记录", verifier=BODY),
    act("operations.verification.services.submit_records", "成批提交检定记录", verifier=BODY),
    act("operations.verification.services.review", "核验", reviewer=BODY),
    act("operations.verification.services.review_all", "核验多份记录", reviewer=BODY),
    act("operations.verification.services.return_to_tester#tested", "核验时退回", reviewer=BODY),
    act("operations.verification.services.return_to_tester#reviewed", "批准时退回", signatory=BODY),
    act("operations.verification.queries.visible_job", "看检定任务", staff=CONCERNED, regulator=OF_COUNTY),
    act("operations.verification.queries.visible_instrument", "看器具与检定历史", staff=CONCERNED, regulator=OF_COUNTY),
    act(
        "operations.verification.queries.instrument_to_test", "看送到本机构的器具",
        staff=PARTY, verifier=BODY, regulator=OF_COUNTY,
    ),
    act("operations.verification.queries.waiting_for#tested", "待办：待核验", reviewer=BODY),
    act("operations.verification.queries.waiting_for#reviewed", "待办：待批准", signatory=BODY),
    act("operations.verification.queries.recent_of", "本人办理过的检定任务", everybody=SELF),
    act("operations.certificates.services.approve", "批准并签发证书", signatory=BODY),
    act("operations.certificates.issuing.issue_all", "批准并签发多份证书", signatory=BODY),
    act(
        "operations.certificates.queries.file_for", "下载证书文件（持有二维码密钥的人不须登录）",
        staff=CONCERNED, regulator=OF_COUNTY,
    ),
    act("operations.certificates.services.revoke", "撤销证书", signatory=BODY, regulator=OF_COUNTY),
)  # fmt: skip

MANDATORY = "operations.mandatory"
COUNTER = (
    act(f"{MANDATORY}.services.apply.apply", "申请强制检定", holder=PARTY, metering_engineer=PARTY),
    act(f"{MANDATORY}.services.apply.withdraw", "撤回强检申请", holder=PARTY),
    act(f"{MANDATORY}.services.answer.accept", "受理强检申请", receptionist=BODY),
    act(f"{MANDATORY}.services.answer.refer", "转送强检申请", receptionist=BODY),
    act(f"{MANDATORY}.services.answer.refuse", "不予受理", receptionist=BODY),
    act(f"{MANDATORY}.services.answer.appoint", "预约", receptionist=BODY),
    act(f"{MANDATORY}.services.reception.receive", "收样", receptionist=BODY),
    act(f"{MANDATORY}.services.reception.drop", "终止一件", receptionist=BODY),
    act(f"{MANDATORY}.services.reception.seal", "加封", receptionist=BODY, verifier=BODY),
    act(f"{MANDATORY}.services.reception.give_back", "发还", receptionist=BODY),
    act(f"{MANDATORY}.queries.visible_application", "看强检申请", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{MANDATORY}.queries.line_of", "看申请中的一件", staff=CONCERNED, regulator=OF_COUNTY),
    act(f"{MANDATORY}.queries.desk", "受理台", receptionist=BODY),
    act(f"{MANDATORY}.queries.counts_of_desk", "受理台的件数", receptionist=BODY),
    act(f"{MANDATORY}.queries.overdue", "超期的申请", receptionist=BODY, regulator=OF_COUNTY),
    act(f"{MANDATORY}.queries.count_overdue", "超期的申请的件数", receptionist=BODY, regulator=OF_COUNTY),
    act(f"{MANDATORY}.queries.of_holder", "本单位的强检申请", holder=PARTY),
    act(f"{MANDATORY}.queries.applications_of", "使用单位最近的强检申请", receptionist=BODY, regulator=OF_COUNTY),
    act(f"{MANDATORY}.queries.waiting_for_test", "待检样品", verifier=BODY),
    act(f"{MANDATORY}.queries.count_waiting", "待检样品的件数", verifier=BODY),
    act(f"{MANDATORY}.queries.find_line", "按样品编号或标签查找", receptionist=BODY, verifier=BODY),
    act(f"{MANDATORY}.queries.filed_with", "找回已提交的申请", holder=PARTY),
    act(f"{MANDATORY}.services.batch.check_may_bring", "成批导入检定台数据（首件的检定员本人）", verifier=BODY),
    act(f"{MANDATORY}.services.batch.ask_review", "成批核验", reviewer=BODY),
    act(f"{MANDATORY}.services.batch.ask_approval", "成批批准", signatory=BODY),
    act(f"{MANDATORY}.queries.batches", "成批检定列表", staff=BODY),
    act(f"{MANDATORY}.queries.visible_batch", "看成批检定", staff=BODY),
    act(f"{MANDATORY}.queries.statistics_for", "看辖区的强检统计", regulator=OF_COUNTY),
    act(f"{MANDATORY}.services.days_off.add_days_off", "载入放假安排", regulator=(Seat.PROVINCE,)),
    act(f"{MANDATORY}.services.tariff.set_tariff", "登记收费标准", regulator=(Seat.PROVINCE,)),
)  # fmt: skip

METERING = "operations.metering"
METERED = (
    act(f"{METERING}.services.evaluate.ask_evaluation", "提出在用状态评价", metering_engineer=PARTY),
    act(f"{METERING}.services.decide.decide", "观察、排除可疑器具", metering_engineer=PARTY),
    act(f"{METERING}.services.decide.sending", "看送检前的核对", metering_engineer=PARTY),
    act(f"{METERING}.services.decide.send_to_test", "可疑器具送检", metering_engineer=PARTY),
    act(f"{METERING}.services.truth.record_truth", "录入检定结果", metering_engineer=PARTY),
    act(f"{METERING}.services.truth.record_table", "导入检定结果", metering_engineer=PARTY),
    act(f"{METERING}.services.truth.withdraw_truth", "撤回检定结果", metering_engineer=PARTY),
    act(f"{METERING}.services.flow_back.bring_results", "取回检定结果", metering_engineer=PARTY),
    act(f"{METERING}.services.assets.bring_list", "导入器具档案", metering_engineer=PARTY),
    act(f"{METERING}.services.analyse.ask_population", "分析误差分布与寿命", metering_engineer=PARTY),
    act(f"{METERING}.services.analyse.ask_plan", "作更换计划", metering_engineer=PARTY),
    act(f"{METERING}.services.analyse.ask_sample", "抽取随机抽检名单", metering_engineer=PARTY),
    act(f"{METERING}.queries.evaluations", "状态评价列表", metering_engineer=PARTY, regulator=OF_COUNTY),
    act(f"{METERING}.queries.visible_evaluation", "看状态评价", metering_engineer=PARTY, regulator=OF_COUNTY),
    act(f"{METERING}.queries.visible_analysis", "看群体分析", metering_engineer=PARTY, regulator=OF_COUNTY),
    act(
        f"{METERING}.queries.visible_utility", "看供用单位的可疑器具、检定结果与表",
        metering_engineer=PARTY, regulator=OF_COUNTY,
    ),
)  # fmt: skip

CREDIT = "supervision.credit"
SPEAKS = {"holder": PARTY, "maker": PARTY, "quality": PARTY}
CREDITED = (
    act(f"{CREDIT}.queries.party", "看单位的信用页", staff=PARTY, regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.explanation", "看级别与各项事实的分值", staff=PARTY, regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.facts_page", "看单位的信用事实", staff=PARTY, regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.fact", "看一项信用事实", staff=PARTY, regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.own_party", "本单位的信用", **SPEAKS),
    act(f"{CREDIT}.queries.standings", "看辖区单位的信用级别", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.facts_in", "看辖区的信用事实", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.contests_to_decide", "待办：待决定的异议", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.facts_by_place", "信用事实的件数", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.grades_by_place", "各级的单位数", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.news_in", "最新记录的信用事实（不含单位）", regulator=OF_COUNTY),
    act(f"{CREDIT}.queries.repairs_to_decide", "待办：待决定的信用修复", regulator=OF_COUNTY),
    act(f"{CREDIT}.services.facts.record", "记录信用事实", regulator=OF_COUNTY),
    act(f"{CREDIT}.services.contests.contest", "提出信用异议", **SPEAKS),
    act(f"{CREDIT}.services.contests.decide", "决定信用异议（非记录人）", regulator=OF_COUNTY),
    act(f"{CREDIT}.services.repairs.apply", "申请信用修复", **SPEAKS),
    act(f"{CREDIT}.services.repairs.decide_repair", "决定信用修复（非记录人）", regulator=OF_COUNTY),
    act(f"{CREDIT}.services.rule_sets.propose", "提出信用规则", regulator=OF_PROVINCE),
    act(f"{CREDIT}.services.rule_sets.adopt", "发布信用规则", regulator=OF_PROVINCE),
    act(f"{CREDIT}.services.rule_sets.ask_simulation", "试算信用规则", regulator=OF_PROVINCE),
    act(f"{CREDIT}.queries.simulation", "看信用规则的试算", regulator=OF_PROVINCE),
    act(f"{CREDIT}.feed.rounds_after", "信用推送：评价批次", regulator=OF_PROVINCE),
    act(f"{CREDIT}.feed.feed_file", "信用推送：取文件", regulator=OF_PROVINCE),
)  # fmt: skip

PLAN = "supervision.indicators"
PLANNED = (
    act(f"{PLAN}.services.items.record_item", "登记计入指标的项目", regulator=OF_COUNTY),
    act(f"{PLAN}.services.items.record_items", "成批登记计入指标的项目", regulator=OF_COUNTY),
    act(f"{PLAN}.services.items.correct_item", "更正计入指标的项目", regulator=OF_COUNTY),
    act(f"{PLAN}.services.items.withdraw_item", "撤销计入指标的项目", regulator=OF_COUNTY),
    act(f"{PLAN}.services.plan.set_target", "设定指标的年度目标", regulator=OF_PROVINCE),
    act(f"{PLAN}.services.plan.add_milestone", "设定专栏任务的里程碑", regulator=OF_PROVINCE),
    act(f"{PLAN}.services.plan.report_milestone", "报告里程碑的进展", quality=BODY, regulator=OF_PROVINCE),
    act(f"{PLAN}.queries.tasks_for", "看专栏任务与里程碑、通报", staff=BODY, regulator=OF_REGULATORS),
    act(f"{PLAN}.queries.milestone_for", "看一个里程碑", staff=BODY, regulator=OF_REGULATORS),
)  # fmt: skip

DESKS = (
    act("portals.laboratory.desk.desk_of", "机构概况", quality=BODY),
    act("portals.regulator.desk.desk_of", "辖区概况", regulator=OF_COUNTY),
    act("portals.screen.wall.wall_of", "一网统管大屏（市）", regulator=OF_CITY),
)

ACTS = (
    *FOUNDATION, *ASSESSMENT, *IN_USE, *QUALIFIED, *MATERIALS, *INSTRUMENTS, *REMINDED, *APPROVED, *TRACEABLE,
    *VERIFICATION, *COUNTER, *METERED, *CREDITED, *PLANNED, *DESKS,
)  # fmt: skip

# Functions with an actor that decide nothing by themselves, each with the reason why the matrix has no row for it.
INSIDE = {
    "foundation.accounts.rules.needs_second_factor": "asks more of who signs in, permits nothing",
    "foundation.audit.rules.reach_of": "what the reads of the trail lean on",
    "foundation.audit.services.record_event": "tells of a change that another service permitted",
    "foundation.audit.services.record_events": "tells of changes that another service permitted",
    "foundation.jobs.services.ask": "permits what the kind of task permits: ask_import, may_list",
    "foundation.parties.queries.holder_choice": "the actor's own grants",
    "foundation.parties.rules.may_act": "the question itself",
    "foundation.parties.rules.is_authorised_for": "the question itself",
    "foundation.parties.rules.may_see_region": "the question itself",
    "operations.mandatory.services.locking.lock_for_institute": "the check of accept, refer, refuse, appoint, receive",
    "operations.mandatory.services.locking.lock_for_holder": "the check of withdraw",
    "operations.mandatory.services.locking.move": "after the check",
    "operations.mandatory.queries.cards": "counts_of_desk, overdue and count_waiting together",
    "operations.mandatory.services.batch.bring_bench": "check_may_bring comes first",
    "operations.mandatory.services.batch.check_role": "the check of ask_review and ask_approval",
    "operations.mandatory.services.batch.may_bring": "check_may_bring, for the queue",
    "operations.mandatory.services.batch.may_review": "check_role, for the queue",
    "operations.mandatory.services.batch.may_approve": "check_role, for the queue",
    "operations.certificates.queries.concerns": "the check of file_for",
    "operations.metering.queries.check_engineer": "the check of every act of metering",
    "operations.metering.queries.is_engineer": "what a page offers; check_engineer decides",
    "operations.metering.queries.own_utilities": "the actor's own grants",
    "operations.metering.queries.utility_choice": "the actor's own grants",
    "supervision.indicators.queries.is_province": "what a page offers; the services decide",
    "portals.regulator.suggestions.suggestions_for": "standings, contests_to_decide, repairs_to_decide and evaluations",
    "operations.metering.services.analyse.may_analyse": "check_engineer, for the queue",
    "operations.metering.services.assets.may_bring": "check_engineer, for the queue",
    "operations.metering.services.evaluate.may_evaluate": "check_engineer, for the queue",
    "operations.certificates.issuing.issue_each": "issue_all, of as many as can be",
    "operations.mandatory.services.days_off.check_may_add": "the check of add_days_off",
    "operations.mandatory.services.tariff.check_may_set": "the check of set_tariff",
    "operations.mandatory.services.reception.close_if_done": "after the check of drop and give_back",
    "operations.verification.record_form.institutes_to_test_in": "what a form offers; submit_record decides",
    "operations.verification.services.mark_approved": "after the check of certificates' approve",
    "portals.work.cards_of": "counts of what the actor's reads give",
    "portals.work.ending_standards": "how many of standard_page",
    "portals.work.organisations": "the actor's own grants",
    "portals.work.regions": "the actor's own grants",
    "registry.approvals.filed.compares_software": "the check of record_comparison",
    "registry.approvals.queries.institutes_of": "the actor's own grants",
    "registry.approvals.queries.maker_of": "the actor's own grants",
    "registry.approvals.queries.regulates_types": "what a page offers; the check of software_to_decide",
    "registry.approvals.queries.sees": "the check of application",
    "registry.approvals.services.applications.keep": "after the check of apply and report_evaluation",
    "registry.approvals.services.checks.check_authority": "the check of accept, refuse, issue, reject, withdraw",
    "registry.approvals.services.checks.check_maker": "the check of apply, apply_for_change, file_software",
    "registry.approvals.services.checks.lock_application": "the read of application, locked",
    "registry.approvals.services.checks.move": "after the check",
    "registry.instruments.desks.desks": "the actor's own grants",
    "registry.instruments.importing.may_import": "desk_of, for the queue",
    "registry.instruments.services.file_instruments": "after the check of submit_record",
    "registry.materials.queries.own_organisations": "the actor's own grants",
    "registry.qualifications.page_parts.visible_institute": "the read of that name, for pages",
    "registry.qualifications.page_parts.visible_person": "the read of that name, for pages",
    "registry.qualifications.services.checks.check_region": "the check of authorisations and registrations",
    "registry.reminders.queries.unread": "how many of the inbox",
    "registry.reminders.queries.of_day": "the inbox of a day, for the mail",
    "registry.reminders.services.mark_seen": "the actor's own inbox",
    "registry.reminders.services.set_by_mail": "the actor's own inbox",
    "registry.standards.services.applications.move": "after the check",
    "registry.standards.services.applications.lock_for_regulator": "the check of accept, return, approve, refuse",
    "registry.traceability.queries.sees_all": "how much of a list: affected_of, tallies_of",
    "supervision.credit.queries.acts_for": "the check of contest and apply",
    "supervision.credit.queries.is_province": "what a page offers; the check of rules and feed",
    "supervision.credit.queries.province_authority": "the actor's own grants",
    "supervision.credit.queries.regions_of": "the actor's own grants",
    "supervision.credit.queries.sees": "the check of party and fact",
    "supervision.credit.services.checks.check_province": "the check of propose, adopt, ask_simulation",
    "supervision.credit.services.checks.check_regulator": "the check of record, decide, decide_repair",
    "supervision.credit.services.checks.check_speaks": "the check of contest and apply",
    "supervision.credit.services.checks.lock_fact": "the read of fact, locked",
    "supervision.credit.services.facts.supersede": "after the check of decide",
    "supervision.credit.services.rule_sets.may_simulate": "the check of ask_simulation, for the queue",
    "registry.traceability.services.may_declare": "the check of declare_recall and may_list",
}
