"""Reference materials, their batches and certified values."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0002_makers_and_receptionists"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReferenceMaterial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                (
                    "grade",
                    models.CharField(
                        choices=[("FIRST", "一级"), ("SECOND", "二级")], max_length=10, verbose_name="级别"
                    ),
                ),
                ("producer", models.CharField(max_length=200, verbose_name="研制（生产）单位")),
            ],
            options={
                "verbose_name": "标准物质",
                "verbose_name_plural": "标准物质",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grade", "FIRST"), ("number__regex", "^GBW[0-9]{5}$")),
                            models.Q(("grade", "SECOND"), ("number__regex", "^GBW\\(E\\)[0-9]{6}$")),
                            _connector="OR",
                        ),
                        name="number_tells_the_grade",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=60, verbose_name="批号或瓶号")),
                ("certificate", models.CharField(blank=True, default="", max_length=80, verbose_name="标准物质证书号")),
                ("place", models.CharField(max_length=200, verbose_name="存放地点")),
                ("received_on", models.DateField(verbose_name="入库日期")),
                ("expires_on", models.DateField(verbose_name="有效期至")),
                ("withdrawn_on", models.DateField(null=True, verbose_name="停用日期")),
                ("withdrawal_reason", models.TextField(blank=True, default="", verbose_name="停用原因")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="保管单位",
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="materials.referencematerial",
                        verbose_name="标准物质",
                    ),
                ),
            ],
            options={
                "verbose_name": "标准物质批次",
                "verbose_name_plural": "标准物质批次",
            },
        ),
        migrations.CreateModel(
            name="CertifiedValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.CharField(max_length=120, verbose_name="特性量")),
                ("value", models.DecimalField(decimal_places=12, max_digits=24, verbose_name="标准值")),
                (
                    "expanded_uncertainty",
                    models.DecimalField(decimal_places=12, max_digits=24, verbose_name="扩展不确定度 U"),
                ),
                (
                    "coverage_factor",
                    models.DecimalField(decimal_places=3, default=2, max_digits=6, verbose_name="包含因子 k"),
                ),
                ("unit", models.CharField(max_length=40, verbose_name="单位")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="materials.batch",
                        verbose_name="批次",
                    ),
                ),
            ],
            options={
                "verbose_name": "标准值",
                "verbose_name_plural": "标准值",
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "quantity"), name="one_value_of_a_quantity"),
                    models.CheckConstraint(
                        condition=models.Q(("expanded_uncertainty__gt", 0)), name="material_u_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("coverage_factor__gt", 0)), name="material_k_is_positive"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["material", "owner", "expires_on"], name="usable_batch"),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["owner", "expires_on"], name="batches_of_owner"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(fields=("material", "owner", "number"), name="one_batch_of_a_number"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_on__gte", models.F("received_on"))), name="expires_after_receipt"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_on", None), models.Q(("withdrawal_reason", ""), _negated=True), _connector="OR"
                ),
                name="withdrawn_with_a_reason",
            ),
        ),
    ]
