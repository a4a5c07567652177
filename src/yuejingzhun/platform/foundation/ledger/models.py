"""Statements and the log over them. All but the queue, which only triggers write, is append-only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yuejingzhun.evidence import credit_statement, software_statement, type_statement

EVENTS = {
    "issued": "签发",
    "superseded": "替换",
    "revoked": "撤销",
    "audit-head": "审计线索",
    **type_statement.EVENTS,
    **software_statement.EVENTS,
    **credit_statement.EVENTS,
}


class Statement(models.Model):
    """A canonical statement as it was signed; what it is about is an index of ours, the log holds its hash alone."""

    number = models.CharField("编号", max_length=60)
    event = models.CharField("事件", max_length=30)  # open for what else is logged, so no choices
    content = models.BinaryField("规范内容")
    sha256 = models.BinaryField("哈希", unique=True)
    signature = models.BinaryField("签名")
    signer = models.BinaryField("签名人证书")
    timestamp = models.BinaryField("时间戳", null=True)
    submitted_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = verbose_name_plural = "存证内容"
        # Read by what is known of one certificate.
        # The second by the list of what no longer holds, the third by who recomputes the audit trail.
        indexes = (
            models.Index(fields=["number", "event"], name="ledger_number"),
            models.Index(fields=["event"], name="ledger_ended", condition=Q(event__in=["revoked", "superseded"])),
            models.Index(fields=["id"], name="ledger_audit_heads", condition=Q(event="audit-head")),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.event}"

    def get_event_display(self) -> str:
        """The event as on the screen."""
        return EVENTS.get(self.event, self.event)


class Queued(models.Model):
    """Statements that have no place yet, those of one insert together; only triggers write and empty it."""

    id = models.BigIntegerField("首条内容", primary_key=True)
    statements = ArrayField(models.BigIntegerField(), verbose_name="内容")
    hashes = models.BinaryField("哈希")
    count = models.PositiveIntegerField("条数")

    class Meta:
        verbose_name = verbose_name_plural = "待定序"

    def __str__(self) -> str:
        return f"{self.id} {self.count}"


class Batch(models.Model):
    """Entries that were appended together: the hashes that the log holds, and whose statements they are.

    A row a batch and not a row an entry: appending costs what one row costs. A trigger fills it out of the queue
    (migration 0002), with the span of its statements, by which the batch of a statement is found.
    """

    first = models.BigIntegerField("首条序号", primary_key=True)
    size = models.BigIntegerField("其后的大小", unique=True)
    statements = ArrayField(models.BigIntegerField(), verbose_name="内容")
    hashes = models.BinaryField("哈希")

    class Meta:
        verbose_name = verbose_name_plural = "日志条目"

    def __str__(self) -> str:
        return f"{self.first}–{self.size}"


class Head(models.Model):
    """The tree after a batch: the roots of its full subtrees. Each batch has one, the database sees to it."""

    size = models.BigIntegerField("大小", primary_key=True)
    peaks = models.BinaryField("前沿")

    class Meta:
        verbose_name = verbose_name_plural = "日志头"

    def __str__(self) -> str:
        return str(self.size)


class Node(models.Model):
    """The hash over a whole tile of the level below (C2SP tlog-tiles): level 1 over 256 leaves, and so on."""

    level = models.PositiveSmallIntegerField("层")
    index = models.BigIntegerField("序号")
    hash = models.BinaryField("哈希")

    class Meta:
        verbose_name = verbose_name_plural = "日志结点"
        constraints = (models.UniqueConstraint(fields=["level", "index"], name="one_node_a_place"),)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class SignedCheckpoint(models.Model):
    """A head that was signed: whoever has it can hold us to it."""

    size = models.BigIntegerField("大小", primary_key=True)
    root = models.BinaryField("根")
    note = models.BinaryField("签名文本")
    at = models.DateTimeField("签署时间")

    class Meta:
        verbose_name = verbose_name_plural = "检查点"

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(models.Model):
    """That a witness saw a checkpoint."""

    checkpoint = models.ForeignKey(SignedCheckpoint, models.PROTECT, related_name="cosignatures", verbose_name="检查点")
    witness = models.CharField("见证人", max_length=200)
    key_id = models.CharField("密钥标识", max_length=8)
    line = models.TextField("签名行")

    class Meta:
        verbose_name = verbose_name_plural = "见证"
        constraints = (
            models.UniqueConstraint(fields=["checkpoint", "witness", "key_id"], name="one_cosignature_a_key"),
        )

    def __str__(self) -> str:
        return f"{self.witness} {self.checkpoint_id}"


class Anchored(models.Model):
    """That a checkpoint stands on the chain, in a block final by then; a reorganisation may bring another row."""

    checkpoint = models.ForeignKey(SignedCheckpoint, models.PROTECT, related_name="anchors", verbose_name="检查点")
    proof = models.BinaryField("锚定证明")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "锚定"

    def __str__(self) -> str:
        return str(self.checkpoint_id)
