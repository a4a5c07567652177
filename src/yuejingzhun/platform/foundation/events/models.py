"""The outbox: events as they were published, and what of them waits to be taken."""

from django.db import models


class Event(models.Model):
    """Something that happened to a party, in the words of the app that saw it; never changed."""

    kind = models.CharField("种类", max_length=60)
    subject_organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+", null=True, verbose_name="涉及的单位", db_index=False
    )
    key = models.CharField("键", max_length=120)
    occurred_at = models.DateTimeField("发生时间")
    payload = models.JSONField("内容")
    published_at = models.DateTimeField("发布时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        # Of whoever publishes the same twice, the second is not heard.
        constraints = (models.UniqueConstraint(fields=["kind", "key"], name="one_event_of_a_key"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Delivery(models.Model):
    """An event that a subscriber has yet to take; gone once it is taken, in the same transaction."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", verbose_name="事件", db_index=False)
    subscriber = models.CharField("订阅者", max_length=60)
    lane = models.BigIntegerField("单位")  # the subject's key, 0 for none: what one party's news waits behind
    attempts = models.PositiveIntegerField("失败次数", default=0)
    failed_at = models.DateTimeField("最近失败", null=True)
    reason = models.CharField("原因", max_length=1000, blank=True, default="")
    next_try_at = models.DateTimeField("下次尝试", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "待投递"
        constraints = (models.UniqueConstraint(fields=["event", "subscriber"], name="one_delivery_a_subscriber"),)
        indexes = (
            # Read by the look for what waits before it in its lane.
            models.Index(fields=["subscriber", "lane", "event"], name="delivery_lane"),
            # Read by whoever looks after the failures.
            models.Index(fields=["subscriber", "event"], name="delivery_failed", condition=models.Q(attempts__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"


class Subscription(models.Model):
    """A subscriber that has been given all that was published before it came."""

    name = models.CharField("订阅者", max_length=60, primary_key=True)
    kinds = models.JSONField("种类")

    class Meta:
        verbose_name = verbose_name_plural = "订阅"

    def __str__(self) -> str:
        return self.name
