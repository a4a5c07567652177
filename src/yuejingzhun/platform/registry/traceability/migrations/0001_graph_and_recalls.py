import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0002_makers_and_receptionists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NATIONAL", "国家计量基准"),
                            ("STANDARD", "计量标准"),
                            ("MATERIAL", "标准物质"),
                            ("CERTIFICATE", "外部证书"),
                            ("INSTRUMENT", "计量器具"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("key", models.CharField(max_length=80, verbose_name="登记号")),
                ("label", models.CharField(max_length=400, verbose_name="名称")),
                ("region", models.CharField(max_length=6, verbose_name="行政区划")),
                ("uncertainty", models.CharField(blank=True, max_length=80, verbose_name="扩展不确定度")),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="归属单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "溯源对象",
                "verbose_name_plural": "溯源对象",
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("strand", models.PositiveSmallIntegerField(default=0, verbose_name="部分序号")),
                ("part", models.CharField(blank=True, max_length=120, verbose_name="被校部分")),
                ("made_on", models.DateField(verbose_name="检定或校准日期")),
                ("until", models.DateField(null=True, verbose_name="有效期至")),
                ("certificate", models.CharField(max_length=80, verbose_name="证书编号")),
                ("factor", models.FloatField(null=True, verbose_name="灵敏系数")),
                ("mpe", models.DecimalField(decimal_places=12, max_digits=24, null=True, verbose_name="最大允许误差")),
                (
                    "expanded_uncertainty",
                    models.DecimalField(decimal_places=12, max_digits=24, null=True, verbose_name="扩展不确定度 U"),
                ),
                ("margin", models.DecimalField(decimal_places=12, max_digits=24, null=True, verbose_name="距限值")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="签发机构",
                    ),
                ),
                (
                    "lower",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.node",
                        verbose_name="下级",
                    ),
                ),
                (
                    "upper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.node",
                        verbose_name="上级",
                    ),
                ),
            ],
            options={
                "verbose_name": "溯源关系",
                "verbose_name_plural": "溯源关系",
            },
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_day", models.DateField(verbose_name="自")),
                ("to_day", models.DateField(null=True, verbose_name="至（不含）")),
                ("error", models.DecimalField(decimal_places=12, max_digits=24, null=True, verbose_name="发现的误差")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                ("reason", models.TextField(verbose_name="发现")),
                ("declared_at", models.DateTimeField(verbose_name="宣布时间")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "等待计算"), ("listing", "正在列出"), ("done", "已列出")],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("last_link", models.BigIntegerField(null=True, verbose_name="计算到第几条溯源关系")),
                ("levels", models.PositiveSmallIntegerField(default=0, verbose_name="级数")),
                ("found", models.PositiveIntegerField(default=0, verbose_name="受影响的证书")),
                ("listed", models.PositiveIntegerField(default=0, verbose_name="已列出")),
                (
                    "declared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="宣布人",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recalls",
                        to="traceability.node",
                        verbose_name="失准的标准",
                    ),
                ),
            ],
            options={
                "verbose_name": "追溯",
                "verbose_name_plural": "追溯",
            },
        ),
        migrations.CreateModel(
            name="Affected",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField(verbose_name="序号")),
                ("region", models.CharField(max_length=6, verbose_name="行政区划")),
                ("ended", models.DateField(null=True, verbose_name="受影响至（不含）")),
                ("error", models.FloatField(null=True, verbose_name="引入的误差")),
                ("to_mpe", models.FloatField(null=True, verbose_name="与最大允许误差之比")),
                ("to_u", models.FloatField(null=True, verbose_name="与 U 之比")),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "不确定度已包含"),
                            (1, "超出不确定度，结论不变"),
                            (2, "影响未知"),
                            (3, "结论可能改变"),
                            (4, "超过最大允许误差"),
                        ],
                        verbose_name="影响",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="使用单位",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="签发机构",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="traceability.link",
                        verbose_name="溯源关系",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affected",
                        to="traceability.recall",
                        verbose_name="追溯",
                    ),
                ),
            ],
            options={
                "verbose_name": "受影响的证书",
                "verbose_name_plural": "受影响的证书",
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=6, verbose_name="行政区划")),
                ("certificates", models.PositiveIntegerField(verbose_name="证书")),
                ("instruments", models.PositiveIntegerField(verbose_name="计量器具")),
                ("grave", models.PositiveIntegerField(verbose_name="结论可能改变或超过最大允许误差")),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="使用单位",
                    ),
                ),
                (
                    "recall",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="traceability.recall",
                        verbose_name="追溯",
                    ),
                ),
            ],
            options={
                "verbose_name": "追溯统计",
                "verbose_name_plural": "追溯统计",
            },
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="one_node_of_a_key"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["upper", "made_on"], name="link_downwards"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["lower", "strand", "made_on"], name="link_upwards"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                fields=("certificate", "lower", "upper", "strand"), name="one_link_of_a_certificate"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("lower", models.F("upper")), _negated=True), name="never_by_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("certificate", ""), _negated=True), name="link_has_a_certificate"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(condition=models.Q(("strand__lt", 4096)), name="strand_fits_the_kernel"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("made_on")), _connector="OR"),
                name="until_not_before_made",
            ),
        ),
        migrations.AddIndex(
            model_name="recall",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True), fields=["id"], name="recall_unfinished"
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="recall_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_day", None), ("to_day__gt", models.F("from_day")), _connector="OR"),
                name="recall_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="recall",
            constraint=models.CheckConstraint(
                condition=models.Q(("error", None), models.Q(("unit", ""), _negated=True), _connector="OR"),
                name="error_has_a_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="affected",
            index=models.Index(fields=["recall", "holder", "rank"], name="affected_of_holder"),
        ),
        migrations.AddIndex(
            model_name="affected",
            index=models.Index(fields=["recall", "institute", "rank"], name="affected_of_institute"),
        ),
        migrations.AddConstraint(
            model_name="affected",
            constraint=models.UniqueConstraint(fields=("recall", "rank"), name="one_of_a_rank"),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(fields=["recall", "-grave", "-certificates"], name="tally_of_recall"),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(fields=["holder", "recall"], name="tally_of_holder"),
        ),
    ]
