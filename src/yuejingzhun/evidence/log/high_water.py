"""The highest head ever signed, kept beside the key, so that an old database under the same key can't sign again."""

from dataclasses import dataclass
from pathlib import Path

from yuejingzhun.evidence.durable import write_durably
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY_ROOT, Node, range_hash


class RolledBackError(RuntimeError):
    """The log no longer holds what it once signed; the message says in Chinese what was found."""


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """A file with the text of the last checkpoint that the key signed, or was about to."""

    path: Path

    def read(self) -> Checkpoint:
        """The mark; raises RolledBackError where it is missing, since the key was made together with it."""
        try:
            return parse_checkpoint(self.path.read_text())
        except FileNotFoundError as error:
            raise RolledBackError(
                f"日志密钥旁缺少 {self.path.name}，不能确认曾签署到哪里；请连同密钥一起从备份恢复"
            ) from error

    def raise_to(self, checkpoint: Checkpoint) -> None:
        """Write the mark durably: it must not be lost once a signature left."""
        write_durably(self.path, checkpoint.text.encode())


def check_extends(seen: Checkpoint, head: Checkpoint, node: Node, where: str) -> None:
    """Raises RolledBackError unless the tree under `head` begins with what was `seen` at that place."""
    if seen.origin != head.origin:
        raise RolledBackError(f"{where}属于另一日志 {seen.origin}，本日志是 {head.origin}；拒绝签署")
    if seen.size > head.size:
        raise RolledBackError(
            f"日志只有 {head.size} 条，而{where}已到 {seen.size} 条：数据库可能是旧备份。拒绝签署，请恢复较新的数据库"
        )
    root = range_hash(0, seen.size, node) if seen.size else EMPTY_ROOT
    if root != seen.root:
        raise RolledBackError(f"日志前 {seen.size} 条的根与{where}不同：历史被改动。拒绝签署")
