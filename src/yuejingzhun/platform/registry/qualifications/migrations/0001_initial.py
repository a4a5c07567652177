"""Authorised institutes and their items, registered metrologists, training and peer reviews."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0002_makers_and_receptionists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("legal", "法定计量检定机构"), ("authorised", "授权的计量技术机构")],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("province", "省级"), ("city", "市级"), ("county", "县级")],
                        max_length=10,
                        verbose_name="级别",
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="授权证书号")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("valid_until", models.DateField(verbose_name="截止日期")),
                ("granted_at", models.DateTimeField(verbose_name="办理时间")),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="办理人",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to="parties.organisation",
                        verbose_name="机构",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="qualifications.authorisation",
                        verbose_name="换自",
                    ),
                ),
            ],
            options={
                "verbose_name": "机构授权",
                "verbose_name_plural": "机构授权",
            },
        ),
        migrations.CreateModel(
            name="AuthorisedItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item", models.CharField(blank=True, default="", max_length=12, verbose_name="强制管理目录项目")),
                ("regulation", models.CharField(blank=True, default="", max_length=40, verbose_name="检定规程")),
                ("series", models.CharField(blank=True, default="", max_length=40, verbose_name="规程号（不含年份）")),
                ("measuring_range", models.CharField(blank=True, default="", max_length=200, verbose_name="测量范围")),
                (
                    "accuracy",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="准确度等级或最大允许误差"),
                ),
                ("region", models.CharField(max_length=6, verbose_name="授权区域")),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="qualifications.authorisation",
                        verbose_name="授权",
                    ),
                ),
            ],
            options={
                "verbose_name": "授权项目",
                "verbose_name_plural": "授权项目",
            },
        ),
        migrations.CreateModel(
            name="PeerReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("regulation", models.CharField(max_length=40, verbose_name="检定规程")),
                ("method", models.CharField(max_length=200, verbose_name="确认方式")),
                ("confirmed", models.BooleanField(verbose_name="能力得到确认")),
                ("remarks", models.TextField(blank=True, verbose_name="意见")),
                ("reviewed_on", models.DateField(verbose_name="评审日期")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="记录单位",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="人员",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="记录人",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="评审人",
                    ),
                ),
            ],
            options={
                "verbose_name": "同行评审",
                "verbose_name_plural": "同行评审",
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("first", "一级注册计量师"), ("second", "二级注册计量师")],
                        max_length=8,
                        verbose_name="级别",
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="注册证编号")),
                (
                    "regulations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="注册项目"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[("registration", "初始注册"), ("change", "变更注册"), ("extension", "延续注册")],
                        max_length=14,
                        verbose_name="办理事项",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("valid_until", models.DateField(verbose_name="截止日期")),
                ("granted_at", models.DateTimeField(verbose_name="办理时间")),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="办理人",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="parties.organisation", verbose_name="执业单位"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parties.person",
                        verbose_name="注册计量师",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="qualifications.registration",
                        verbose_name="换自",
                    ),
                ),
            ],
            options={
                "verbose_name": "计量师注册",
                "verbose_name_plural": "计量师注册",
            },
        ),
        migrations.CreateModel(
            name="Cancellation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_from", models.DateField(verbose_name="自何日起失效")),
                ("reason", models.CharField(max_length=500, verbose_name="原因")),
                ("cancelled_at", models.DateTimeField(verbose_name="办理时间")),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="办理人",
                    ),
                ),
                (
                    "registration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cancellation",
                        to="qualifications.registration",
                        verbose_name="计量师注册",
                    ),
                ),
            ],
            options={
                "verbose_name": "注册注销",
                "verbose_name_plural": "注册注销",
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="培训内容")),
                ("organiser", models.CharField(max_length=200, verbose_name="举办单位")),
                ("hours", models.PositiveSmallIntegerField(verbose_name="学时")),
                ("completed_on", models.DateField(verbose_name="完成日期")),
                ("passed", models.BooleanField(verbose_name="考核合格")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="记录单位",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="人员",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="记录人",
                    ),
                ),
            ],
            options={
                "verbose_name": "培训记录",
                "verbose_name_plural": "培训记录",
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_from", models.DateField(verbose_name="自何日起失效")),
                ("reason", models.CharField(max_length=500, verbose_name="原因")),
                ("withdrawn_at", models.DateTimeField(verbose_name="办理时间")),
                (
                    "authorisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="qualifications.authorisation",
                        verbose_name="机构授权",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="办理人",
                    ),
                ),
            ],
            options={
                "verbose_name": "授权撤销",
                "verbose_name_plural": "授权撤销",
            },
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["institute", "valid_from"], name="authorisation_of_institute"),
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["valid_until", "id"], name="authorisation_by_end"),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gte", models.F("valid_from"))), name="authorisation_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["legal", "authorised"])), name="authorisation_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="authorisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["province", "city", "county"])), name="authorisation_level"
            ),
        ),
        migrations.AddIndex(
            model_name="authoriseditem",
            index=models.Index(fields=["item", "region"], name="authorised_item_reach"),
        ),
        migrations.AddIndex(
            model_name="authoriseditem",
            index=models.Index(fields=["series", "region"], name="authorised_series_reach"),
        ),
        migrations.AddConstraint(
            model_name="authoriseditem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("item", ""), _negated=True), models.Q(("regulation", ""), _negated=True), _connector="OR"
                ),
                name="authorised_for_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="authoriseditem",
            constraint=models.CheckConstraint(
                condition=models.Q(("region__regex", "^44[0-9]{4}$")), name="authorised_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="peerreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewer", models.F("person")), _negated=True), name="reviewed_by_another"
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["person", "valid_from"], name="registration_of_person"),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_until__gte", models.F("valid_from"))), name="registration_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ["first", "second"])), name="registration_level"
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "registration"), ("supersedes", None)),
                    models.Q(("act__in", ["change", "extension"]), ("supersedes__isnull", False)),
                    _connector="OR",
                ),
                name="registration_act",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("regulations__len__gt", 0)), name="registered_for_something"
            ),
        ),
    ]
