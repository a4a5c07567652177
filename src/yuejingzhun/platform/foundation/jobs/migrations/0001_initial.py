"""Long tasks, and the rows of files that they refused."""

from django.db import migrations, models
from django.db.models import Q

STATES = [("WAITING", "等待"), ("RUNNING", "进行中"), ("DONE", "完成"), ("FAILED", "失败"), ("STOPPED", "已停止")]


def key() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    initial = True
    dependencies = (("parties", "0002_makers_and_receptionists"),)

    operations = (
        migrations.CreateModel(
            name="LongTask",
            fields=[
                key(),
                ("kind", models.CharField("种类", max_length=40)),
                ("title", models.CharField("任务", max_length=200)),
                ("arguments", models.JSONField("参数")),
                (
                    "asked_by",
                    models.ForeignKey("parties.Person", models.PROTECT, verbose_name="提出人", db_index=False),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        "parties.Organisation", models.PROTECT, null=True, verbose_name="单位", db_index=False
                    ),
                ),
                ("region", models.CharField("行政区划", max_length=6, blank=True, default="")),
                ("state", models.CharField("状态", max_length=10, choices=STATES, default="WAITING")),
                ("stop_asked", models.BooleanField("要求停止", default=False)),
                ("done", models.BigIntegerField("已完成", default=0)),
                ("total", models.BigIntegerField("总量", default=0)),
                ("message", models.CharField("进展", max_length=500, blank=True, default="")),
                ("result", models.JSONField("结果", null=True)),
                ("checkpoint", models.JSONField("检查点", default=dict)),
                ("attempts", models.PositiveSmallIntegerField("没有进展的启动次数", default=0)),
                ("asked_at", models.DateTimeField("提出时间")),
                ("started_at", models.DateTimeField("开始时间", null=True)),
                ("heartbeat_at", models.DateTimeField("最近心跳", null=True)),
                ("finished_at", models.DateTimeField("结束时间", null=True)),
            ],
            options={
                "verbose_name": "长任务",
                "verbose_name_plural": "长任务",
                "constraints": [
                    models.CheckConstraint(name="task_state", condition=Q(state__in=[name for name, _ in STATES])),
                    models.CheckConstraint(name="task_done_in_range", condition=Q(done__gte=0, total__gte=0)),
                    models.CheckConstraint(
                        name="task_done_has_result",
                        condition=~Q(state="DONE") | Q(result__isnull=False, finished_at__isnull=False),
                    ),
                ],
                "indexes": [
                    models.Index(fields=["asked_by", "-id"], name="tasks_of_person"),
                    models.Index(fields=["id"], name="tasks_unfinished", condition=Q(state__in=["WAITING", "RUNNING"])),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskProblem",
            fields=[
                key(),
                (
                    "task",
                    models.ForeignKey(
                        "jobs.LongTask",
                        models.CASCADE,
                        related_name="problems",
                        verbose_name="任务",
                        db_index=False,
                    ),
                ),
                ("row", models.BigIntegerField("行号")),
                ("column", models.CharField("列", max_length=80, blank=True)),
                ("found", models.CharField("现为", max_length=200, blank=True)),
                ("expected", models.CharField("说明", max_length=500)),
            ],
            options={
                "verbose_name": "问题行",
                "verbose_name_plural": "问题行",
                "indexes": [models.Index(fields=["task", "row", "id"], name="problems_of_task")],
            },
        ),
    )
