"""What makes a standard up, its yearly records, its assessment, certificates, declarations and interruptions."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0002_makers_and_receptionists"),
        ("standards", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NEW", "新建考核"),
                            ("RENEWAL", "复查考核"),
                            ("CHANGE", "变更（更换主标准器或改变范围）"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("presiding", models.CharField(max_length=6, verbose_name="主持考核部门所在行政区划")),
                ("name", models.CharField(max_length=120, verbose_name="计量标准名称")),
                ("content", models.JSONField(verbose_name="申请内容")),
                ("figures_hold", models.BooleanField(verbose_name="技术报告的数据符合要求")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "待受理"),
                            ("RETURNED", "已退回补正"),
                            ("ACCEPTED", "待考评"),
                            ("CORRECTING", "限期整改"),
                            ("CORRECTED", "整改待确认"),
                            ("PASSED", "考评合格，待审批"),
                            ("FAILED", "考评不合格，待审批"),
                            ("APPROVED", "已发证"),
                            ("REFUSED", "不予发证"),
                            ("WITHDRAWN", "已撤回"),
                        ],
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("applied_at", models.DateTimeField(verbose_name="申请时间")),
                ("note", models.TextField(blank=True, verbose_name="最近一步的意见")),
                ("correct_by", models.DateField(null=True, verbose_name="整改期限")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
            ],
            options={
                "verbose_name": "计量标准考核申请",
                "verbose_name_plural": "计量标准考核申请",
            },
        ),
        migrations.CreateModel(
            name="AssessmentCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=80, verbose_name="证书号")),
                ("content", models.JSONField(verbose_name="证书内容")),
                ("starts_on", models.DateField(verbose_name="生效日期")),
                ("ends_on", models.DateField(verbose_name="有效期至")),
                ("previous_until", models.DateField(null=True, verbose_name="原有效期至")),
                ("ended_on", models.DateField(null=True, verbose_name="提前失效日期")),
                ("issued_at", models.DateTimeField(verbose_name="签发时间")),
            ],
            options={
                "verbose_name": "计量标准考核证书",
                "verbose_name_plural": "计量标准考核证书",
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "考评任务",
                "verbose_name_plural": "考评任务",
            },
        ),
        migrations.CreateModel(
            name="Declaration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.JSONField(verbose_name="声明内容")),
                ("starts_on", models.DateField(verbose_name="声明日期")),
                ("ends_on", models.DateField(verbose_name="声明有效期至")),
                ("ended_on", models.DateField(null=True, verbose_name="失效日期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("published", "已公开"),
                            ("contested", "有异议"),
                            ("withdrawn", "已撤回"),
                            ("annulled", "异议成立，已失效"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="异议、撤回或处理的理由")),
                ("declared_at", models.DateTimeField(verbose_name="声明时间")),
            ],
            options={
                "verbose_name": "最高计量标准自我声明",
                "verbose_name_plural": "最高计量标准自我声明",
            },
        ),
        migrations.CreateModel(
            name="Equipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_main", models.BooleanField(verbose_name="计量标准器")),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                ("model", models.CharField(max_length=120, verbose_name="型号")),
                ("serial", models.CharField(max_length=120, verbose_name="出厂编号")),
                ("certificate", models.CharField(max_length=80, verbose_name="检定或校准证书号")),
                ("valid_until", models.DateField(verbose_name="有效期至")),
                ("added_on", models.DateField(verbose_name="启用日期")),
                ("removed_on", models.DateField(null=True, verbose_name="停用日期")),
            ],
            options={
                "verbose_name": "标准器与配套设备",
                "verbose_name_plural": "标准器与配套设备",
            },
        ),
        migrations.CreateModel(
            name="Interruption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_final", models.BooleanField(verbose_name="撤销")),
                ("by_authority", models.BooleanField(verbose_name="监管部门决定")),
                ("reason", models.TextField(verbose_name="原因")),
                ("starts_on", models.DateField(verbose_name="起始日期")),
                ("ends_on", models.DateField(null=True, verbose_name="恢复使用日期")),
            ],
            options={
                "verbose_name": "封存、暂停与撤销",
                "verbose_name_plural": "封存、暂停与撤销",
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=60, unique=True, verbose_name="字头")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="最近一个序号")),
            ],
            options={
                "verbose_name": "编号",
                "verbose_name_plural": "编号",
            },
        ),
        migrations.CreateModel(
            name="RepeatabilityRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measured_on", models.DateField(verbose_name="试验日期")),
                (
                    "readings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=12, max_digits=24), size=None, verbose_name="读数"
                    ),
                ),
                ("s", models.FloatField(verbose_name="实验标准偏差 s")),
                ("limit", models.FloatField(verbose_name="技术报告的 s")),
                ("passed", models.BooleanField(verbose_name="合格")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
            ],
            options={
                "verbose_name": "重复性试验记录",
                "verbose_name_plural": "重复性试验记录",
            },
        ),
        migrations.CreateModel(
            name="StabilityRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measured_on", models.DateField(verbose_name="考核日期")),
                (
                    "readings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DecimalField(decimal_places=12, max_digits=24), size=None, verbose_name="读数"
                    ),
                ),
                ("mean", models.FloatField(verbose_name="平均值")),
                ("change", models.FloatField(null=True, verbose_name="与上一组之差")),
                ("limit", models.DecimalField(decimal_places=12, max_digits=24, verbose_name="允许变化")),
                ("passed", models.BooleanField(null=True, verbose_name="合格")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
            ],
            options={
                "verbose_name": "稳定性考核记录",
                "verbose_name_plural": "稳定性考核记录",
            },
        ),
        migrations.CreateModel(
            name="StandardMaterial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, verbose_name="标准物质编号")),
            ],
            options={
                "verbose_name": "所用标准物质",
                "verbose_name_plural": "所用标准物质",
            },
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="accuracy",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="准确度等级或最大允许误差"),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="allowed_change",
            field=models.DecimalField(
                blank=True, decimal_places=12, max_digits=24, null=True, verbose_name="稳定性允许变化"
            ),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="items",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                default=list,
                size=None,
                verbose_name="强制管理目录项目",
            ),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="level",
            field=models.CharField(
                choices=[
                    ("PRIMARY", "国家计量基准"),
                    ("NATIONAL", "国家计量标准"),
                    ("PUBLIC_HIGHEST", "社会公用计量标准（最高等级）"),
                    ("PUBLIC_OTHER", "社会公用计量标准（次级）"),
                    ("SECTOR_HIGHEST", "部门最高计量标准"),
                    ("ENTERPRISE_HIGHEST", "企事业单位最高计量标准"),
                    ("INNER_OTHER", "单位内部次级计量标准"),
                ],
                default="PUBLIC_OTHER",
                max_length=20,
                verbose_name="级别",
            ),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="measuring_range",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="测量范围"),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="reported_s",
            field=models.FloatField(blank=True, null=True, verbose_name="技术报告的重复性 s"),
        ),
        migrations.AddField(
            model_name="measurementstandard",
            name="stability_exemption",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="不做稳定性考核的理由"),
        ),
        migrations.AddIndex(
            model_name="measurementstandard",
            index=models.Index(fields=["valid_until", "id"], name="standards_by_term"),
        ),
        migrations.AddConstraint(
            model_name="measurementstandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("reported_s__gte", 0)), name="standard_s_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="measurementstandard",
            constraint=models.CheckConstraint(
                condition=models.Q(("allowed_change__gt", 0)), name="standard_change_is_positive"
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="applicant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.organisation",
                verbose_name="申请单位",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="applied_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="审批人",
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="standard",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="standards.measurementstandard",
            ),
        ),
        migrations.AddField(
            model_name="assessmentcertificate",
            name="application",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificate",
                to="standards.application",
                verbose_name="申请",
            ),
        ),
        migrations.AddField(
            model_name="assessmentcertificate",
            name="issued_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="签发人",
            ),
        ),
        migrations.AddField(
            model_name="assessmentcertificate",
            name="standard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="standards.measurementstandard",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assignments",
                to="standards.application",
                verbose_name="申请",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="assessor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="考评员",
            ),
        ),
        migrations.AddField(
            model_name="declaration",
            name="declared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="声明人",
            ),
        ),
        migrations.AddField(
            model_name="declaration",
            name="standard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="declarations",
                to="standards.measurementstandard",
            ),
        ),
        migrations.AddField(
            model_name="equipment",
            name="standard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="equipment",
                to="standards.measurementstandard",
                verbose_name="计量标准",
            ),
        ),
        migrations.AddField(
            model_name="interruption",
            name="begun_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="决定人",
            ),
        ),
        migrations.AddField(
            model_name="interruption",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="恢复人",
            ),
        ),
        migrations.AddField(
            model_name="interruption",
            name="standard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="standards.measurementstandard",
                verbose_name="计量标准",
            ),
        ),
        migrations.AddField(
            model_name="repeatabilityrecord",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="记录人",
            ),
        ),
        migrations.AddField(
            model_name="repeatabilityrecord",
            name="standard",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="standards.measurementstandard",
            ),
        ),
        migrations.AddField(
            model_name="stabilityrecord",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.person",
                verbose_name="记录人",
            ),
        ),
        migrations.AddField(
            model_name="stabilityrecord",
            name="standard",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="standards.measurementstandard",
            ),
        ),
        migrations.AddField(
            model_name="standardmaterial",
            name="standard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="materials",
                to="standards.measurementstandard",
                verbose_name="计量标准",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["presiding", "state", "id"], name="application_presiding"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["applicant", "id"], name="application_applicant"),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["SUBMITTED", "ACCEPTED", "CORRECTING", "CORRECTED", "PASSED", "FAILED"])
                ),
                fields=("standard",),
                name="one_open_application",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ["SUBMITTED", "ACCEPTED", "CORRECTING", "CORRECTED", "PASSED", "FAILED"])
                ),
                fields=("applicant", "name"),
                name="one_open_application_of_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["APPROVED", "REFUSED"]),
                    ),
                    models.Q(
                        models.Q(("state__in", ["APPROVED", "REFUSED"]), _negated=True),
                        ("decided_at", None),
                        ("decided_by", None),
                    ),
                    _connector="OR",
                ),
                name="decided_when_it_says_so",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "CORRECTING"), _negated=True), ("correct_by__isnull", False), _connector="OR"
                ),
                name="correcting_has_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentcertificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="term_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessmentcertificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on__gte", models.F("starts_on")), ("ended_on__lte", models.F("ends_on"))),
                name="ended_within_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("application", "assessor"), name="appointed_once"),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_on", None)), fields=("standard",), name="one_declaration_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="declared_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="declaration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", False), ("state__in", ["withdrawn", "annulled"])),
                    models.Q(("ended_on", None), ("state__in", ["published", "contested"])),
                    _connector="OR",
                ),
                name="ended_when_it_says_so",
            ),
        ),
        migrations.AddConstraint(
            model_name="equipment",
            constraint=models.CheckConstraint(
                condition=models.Q(("removed_on__gte", models.F("added_on"))), name="removed_after_added"
            ),
        ),
        migrations.AddConstraint(
            model_name="interruption",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None)), fields=("standard",), name="one_interruption_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="interruption",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="resumed_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="interruption",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_final", False), ("ends_on", None), _connector="OR"), name="cancelled_for_good"
            ),
        ),
        migrations.AddConstraint(
            model_name="interruption",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="interrupted_with_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="repeatabilityrecord",
            constraint=models.UniqueConstraint(fields=("standard", "measured_on"), name="repeatability_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="repeatabilityrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("readings__len__gte", 10)), name="ten_readings_or_more"
            ),
        ),
        migrations.AddConstraint(
            model_name="stabilityrecord",
            constraint=models.UniqueConstraint(fields=("standard", "measured_on"), name="stability_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="stabilityrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("readings__len__gte", 10)), name="group_has_ten_readings"
            ),
        ),
        migrations.AddConstraint(
            model_name="stabilityrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change", None), ("passed", None)),
                    models.Q(("change__isnull", False), ("passed__isnull", False)),
                    _connector="OR",
                ),
                name="verdict_needs_a_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="standardmaterial",
            constraint=models.UniqueConstraint(fields=("standard", "number"), name="one_row_a_material"),
        ),
    ]
