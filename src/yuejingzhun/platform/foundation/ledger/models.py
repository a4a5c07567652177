"""Statements and the log over them. All but the queue and the head is append-only; the head only grows."""

from django.db import models
from django.db.models import Q

EVENTS = {"issued": "签发", "superseded": "替换", "revoked": "撤销"}


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
        indexes = (models.Index(fields=["number", "event"], name="ledger_number"),)

    def __str__(self) -> str:
        return f"{self.number} {self.event}"

    def get_event_display(self) -> str:
        """The event as on the screen."""
        return EVENTS.get(self.event, self.event)


class Pending(models.Model):
    """The queue of statements that have no place yet; the sequencer takes them out."""

    statement = models.OneToOneField(Statement, models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.statement_id)


class Entry(models.Model):
    """The place of a statement in the log, and its leaf hash (RFC 9162 2.1.1)."""

    index = models.BigIntegerField("序号", primary_key=True)
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="entry", verbose_name="内容")
    leaf = models.BinaryField("叶哈希")

    class Meta:
        verbose_name = verbose_name_plural = "日志条目"
        constraints = (models.CheckConstraint(name="an_index_is_not_negative", condition=Q(index__gte=0)),)

    def __str__(self) -> str:
        return str(self.index)


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


class Head(models.Model):
    """The one head: its row is locked by the one sequencer."""

    size = models.BigIntegerField("大小", default=0)
    peaks = models.BinaryField("前沿", default=b"")

    class Meta:
        verbose_name = verbose_name_plural = "日志头"
        constraints = (models.CheckConstraint(name="there_is_one_head", condition=Q(id=1)),)

    def __str__(self) -> str:
        return str(self.size)


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
