"""`yjz audit`: recompute a log from its published files, and compare it with the database if one is at hand."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from yuejingzhun.cli.terminal import NOT_VALID, UnusableError, progress
from yuejingzhun.cli.verifying import read_policy
from yuejingzhun.evidence.log.audit import Audited, AuditError, Expected, audit, decode_audited
from yuejingzhun.evidence.log.note import NoteError
from yuejingzhun.evidence.log.policy import Policy

TIMEOUT = 30  # s
LARGEST_FILE = 32 * 1024 * 1024
TILES_BETWEEN_SAVES = 64


@click.command(name="audit")
@click.argument("log")
@click.option("--trust", "trusted", type=click.Path(path_type=Path), required=True, help="信任名单：日志与见证人的公钥")
@click.option("--state", type=click.Path(path_type=Path), help="进度文件：中断后从这里继续，下次只审计新增部分")
@click.option("--database", type=click.Path(path_type=Path), help="本机数据文件夹：逐条与数据库对照")
def audit_log(log: str, trusted: Path, state: Path | None, database: Path | None) -> None:
    """从公布的文件（网址或文件夹 LOG）重新计算整个透明日志，指出第一处不同。

    给出 --database 时，还由审计事件重新计算日志中登记的审计线索，指出第一条不同的事件。
    """
    policy, since = read_policy(trusted), _read_state(state)
    if since.tiles:
        progress(f"从第 {since.tiles * 256} 条继续")
    with _expected(database) as expected:
        try:
            last = _run(log, policy, since, expected, state)
            trail = _check_trail() if database else ""
        except (AuditError, NoteError) as error:
            click.echo(f"✗ {error}")
            raise SystemExit(NOT_VALID) from error
    head = last.checkpoint
    if head is None:
        raise UnusableError("审计没有到达检查点")
    compared = "，并与数据库逐条一致" if database else ""
    click.echo(f"✓ {head.origin} 的 {head.size} 条重新计算无误{compared}；根 {head.root.hex()}")
    if trail:
        click.echo(trail)


def _check_trail() -> str:
    # Imported here for the same reason as the database itself.
    from yuejingzhun.platform.foundation.audit.checking import check_trail
    from yuejingzhun.platform.foundation.audit.errors import TrailError

    try:
        found = check_trail(lambda events: progress(f"审计线索：{events} 条"))
    except TrailError as error:
        raise AuditError(str(error)) from error
    after = f"；其后 {found.after} 条尚未登记" if found.after else ""
    return f"✓ 审计线索的 {found.events} 条与日志登记的 {found.heads} 个头一致{after}"


def _run(log: str, policy: Policy, since: Audited, expected: Expected | None, state: Path | None) -> Audited:
    columns = (TextColumn("审计"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    last = since
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("", total=None)
        steps = audit(
            _reader(log),
            policy,
            int(datetime.now(UTC).timestamp()),
            since=since,
            expected=expected,
            progress=lambda done, size: bar.update(task, completed=done, total=size),
        )
        for number, last in enumerate(steps, 1):
            if state is not None and number % TILES_BETWEEN_SAVES == 0:
                _save(state, last)
    if state is not None:
        _save(state, last)
    return last


def _reader(log: str) -> Callable[[str], bytes]:
    if log.startswith(("http://", "https://")):
        return lambda path: _download(f"{log.rstrip('/')}/{path}")
    folder = Path(log)
    if not folder.is_dir():
        raise UnusableError(f"{log} 不是网址，也不是文件夹")
    return lambda path: _read(folder / path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AuditError(f"缺少文件 {path}（{error.strerror}）") from error


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 - only http and https come here
            content: bytes = answer.read(LARGEST_FILE)
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise AuditError(f"缺少文件 {url}（HTTP {error.code}）") from error
    except OSError as error:
        raise UnusableError(f"无法下载 {url}：{error}") from error


def _read_state(path: Path | None) -> Audited:
    if path is None or not path.exists():
        return Audited()
    try:
        return decode_audited(path.read_text())
    except (AuditError, UnicodeDecodeError) as error:
        raise UnusableError(f"{path}：{error}") from error


def _save(path: Path, audited: Audited) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(audited.encode())
    draft.replace(path)


@contextmanager
def _expected(database: Path | None) -> Iterator[Expected | None]:
    if database is None:
        yield None
        return
    # Imported here: an auditor outside needs neither Django nor a database.
    from yuejingzhun.project.embedded_database import DatabaseError
    from yuejingzhun.project.server import site

    try:
        with site(database, progress):
            from yuejingzhun.platform.foundation.ledger.queries import entries_between

            yield entries_between
    except DatabaseError as error:
        raise UnusableError(str(error)) from error
