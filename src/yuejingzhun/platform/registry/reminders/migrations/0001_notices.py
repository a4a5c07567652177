"""Notices, inboxes, and the rounds that make and mail them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KINDS = (
    ("IN_60_DAYS", "60 天内到期"),
    ("IN_30_DAYS", "30 天内到期"),
    ("IN_7_DAYS", "7 天内到期"),
    ("TODAY", "今天到期"),
    ("OVERDUE", "已超期"),
    ("WEEKLY", "辖区超期周报"),
)


def key() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model: str, verbose: str) -> models.ForeignKey:  # type: ignore[type-arg]
    protect = django.db.models.deletion.PROTECT
    return models.ForeignKey(
        db_index=False, on_delete=protect, related_name="+", to=f"parties.{model}", verbose_name=verbose
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = (("parties", "0003_organisations_found_by_name"),)

    operations = (
        migrations.CreateModel(
            name="Notice",
            fields=[
                key(),
                ("organisation", to("organisation", "单位")),
                ("kind", models.CharField("事由", max_length=12, choices=KINDS)),
                ("day", models.DateField("日期")),
                ("number", models.PositiveBigIntegerField("台件")),
                ("first_due", models.DateField("最早到期日", null=True)),
                ("last_due", models.DateField("最晚到期日", null=True)),
                ("parts", models.JSONField("各项目或各地的台件")),
            ],
            options={
                "verbose_name": "提醒",
                "verbose_name_plural": "提醒",
                "indexes": [
                    models.Index(fields=["organisation", "-id"], name="notice_inbox"),
                    models.Index(fields=["day", "organisation"], name="notice_of_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "day", "kind"), name="one_notice_a_day_and_kind"),
                    models.CheckConstraint(condition=Q(number__gt=0), name="a_notice_counts_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Inbox",
            fields=[
                key(),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="人员",
                    ),
                ),
                ("seen_to", models.BigIntegerField("已读到", default=0)),
                ("by_mail", models.BooleanField("同时发邮件", default=True)),
            ],
            options={"verbose_name": "收件箱", "verbose_name_plural": "收件箱"},
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                key(),
                ("day", models.DateField("日期", unique=True)),
                ("after", models.BigIntegerField("做到", default=0)),
                ("made_at", models.DateTimeField("做完", null=True)),
                ("mailed_after", models.BigIntegerField("邮件发到", default=0)),
                ("mailed_at", models.DateTimeField("邮件发完", null=True)),
            ],
            options={
                "verbose_name": "提醒的一轮",
                "verbose_name_plural": "提醒的一轮",
                "indexes": [models.Index(condition=Q(made_at=None), fields=["day"], name="round_unfinished")],
            },
        ),
        migrations.CreateModel(
            name="Mailing",
            fields=[
                key(),
                ("person", to("person", "人员")),
                ("day", models.DateField("日期")),
                ("sent_at", models.DateTimeField("发出", null=True)),
                ("problem", models.TextField("没有发出的原因", blank=True, default="")),
            ],
            options={
                "verbose_name": "提醒邮件",
                "verbose_name_plural": "提醒邮件",
                "constraints": [models.UniqueConstraint(fields=("person", "day"), name="one_mail_a_day")],
            },
        ),
    )
