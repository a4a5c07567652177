"""Publishing the log as static files: tiles first, the checkpoint last, each whole or not at all."""

from datetime import datetime, timedelta
from pathlib import Path

from yuejingzhun.evidence.durable import write_durably
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.note import NoteError, parse_note
from yuejingzhun.evidence.log.standing_list import StandingList, parse_standing_list
from yuejingzhun.evidence.log.tile import Tile, tiles_between
from yuejingzhun.platform.foundation.ledger import settings_of_log
from yuejingzhun.platform.foundation.ledger.errors import RolledBackError
from yuejingzhun.platform.foundation.ledger.log_tables import ended_before, read_tile
from yuejingzhun.platform.foundation.ledger.models import SignedCheckpoint
from yuejingzhun.platform.foundation.ledger.queries import cosigned

STANDING_FOR = timedelta(hours=1)  # after which the list says anew that it still is so
STANDING_EVERY = timedelta(minutes=1)  # at the most: a busy log has a new checkpoint each second


def publish(checkpoint: SignedCheckpoint, folder: Path) -> int:
    """Write what a checkpoint needs and then itself; the number of tiles written.

    Interrupted, it starts again from the checkpoint that is out. Raises RolledBackError where a larger one is out.
    """
    before = published_size(folder)
    if before > checkpoint.size:
        raise RolledBackError(f"已公布到 {before} 条，而日志只签到 {checkpoint.size} 条：数据库可能是旧备份。拒绝公布")
    tiles = list(tiles_between(before, checkpoint.size))
    for tile in tiles:
        _write(folder / tile.path, read_tile(tile))
        if tile.level == 0:
            entries = Tile(None, tile.index, tile.width)
            _write(folder / entries.path, read_tile(entries))
    _write(folder / "checkpoint", cosigned(checkpoint))
    return len(tiles)


def publish_standing(checkpoint: SignedCheckpoint, folder: Path, at: datetime) -> bool:
    """Write the list of what no longer holds as of a checkpoint, if the one that is out is older; whether it was."""
    path, noted = folder / "standing", cosigned(checkpoint)
    if path.exists() and _still_says_it(path, noted, at):
        return False
    listed = StandingList(at, noted, tuple(ended_before(checkpoint.size)))
    _write(path, listed.signed(settings_of_log.log_signer()))
    return True


def _still_says_it(path: Path, checkpoint: bytes, at: datetime) -> bool:
    try:
        found, _ = parse_standing_list(path.read_bytes(), settings_of_log.policy(), int(at.timestamp()))
    except NoteError:
        return False
    age = at - found.at
    return age < (STANDING_FOR if found.checkpoint == checkpoint else STANDING_EVERY)


def published_size(folder: Path) -> int:
    """The size of the checkpoint that is out; 0 where there is none."""
    path = folder / "checkpoint"
    return parse_checkpoint(parse_note(path.read_bytes()).text).size if path.exists() else 0


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data)
