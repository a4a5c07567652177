"""Long tasks 长任务 with their progress, and the rows of a file that one of them refused."""

from django.db import models
from django.db.models import Q

from yuejingzhun.platform.foundation.jobs.rules import State, share


class LongTask(models.Model):
    """Work that takes longer than a request. What has been done is said by `checkpoint`, written with the work itself;
    `done` of `total` is news for the screen and may lag behind."""

    kind = models.CharField("种类", max_length=40)
    title = models.CharField("任务", max_length=200)
    arguments = models.JSONField("参数")
    asked_by = models.ForeignKey("parties.Person", models.PROTECT, verbose_name="提出人", db_index=False)
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, verbose_name="单位", db_index=False
    )
    region = models.CharField("行政区划", max_length=6, blank=True, default="")
    state = models.CharField(
        "状态", max_length=10, choices=[(state.name, state.value) for state in State], default=State.WAITING.name
    )
    stop_asked = models.BooleanField("要求停止", default=False)
    done = models.BigIntegerField("已完成", default=0)
    total = models.BigIntegerField("总量", default=0)
    message = models.CharField("进展", max_length=500, blank=True, default="")
    result = models.JSONField("结果", null=True)
    checkpoint = models.JSONField("检查点", default=dict)
    attempts = models.PositiveSmallIntegerField("没有进展的启动次数", default=0)
    asked_at = models.DateTimeField("提出时间")
    started_at = models.DateTimeField("开始时间", null=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "长任务"
        constraints = (
            models.CheckConstraint(name="task_state", condition=Q(state__in=[state.name for state in State])),
            models.CheckConstraint(name="task_done_in_range", condition=Q(done__gte=0, total__gte=0)),
            models.CheckConstraint(
                name="task_done_has_result",
                condition=~Q(state="DONE") | Q(result__isnull=False, finished_at__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=["asked_by", "-id"], name="tasks_of_person"),  # read by the list of one's own tasks
            models.Index(  # read by the look for abandoned tasks
                fields=["id"], name="tasks_unfinished", condition=Q(state__in=["WAITING", "RUNNING"])
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def standing(self) -> State:
        """Where it stands."""
        return State[self.state]

    @property
    def percent(self) -> int:
        """How far it is, in whole percent."""
        return 100 if self.standing is State.DONE else share(self.done, self.total)


class TaskProblem(models.Model):
    """A row that a task couldn't take over: its number in the file, the column, what was found and what is expected."""

    task = models.ForeignKey(LongTask, models.CASCADE, related_name="problems", verbose_name="任务", db_index=False)
    row = models.BigIntegerField("行号")
    column = models.CharField("列", max_length=80, blank=True)
    found = models.CharField("现为", max_length=200, blank=True)
    expected = models.CharField("说明", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "问题行"
        # Read by the report of a task's problems, in the order of rows.
        indexes = (models.Index(fields=["task", "row", "id"], name="problems_of_task"),)

    def __str__(self) -> str:
        return f"{self.row} {self.column}"
