"""What all commands share: exit statuses, marks, progress, and files that can't be used."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from yuejingzhun.evidence.checks import Status

if TYPE_CHECKING:  # most commands need neither Arrow nor DuckDB
    from yuejingzhun.telemetry.lake import Lake

VALID, NOT_VALID, UNUSABLE = 0, 1, 2
MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.ABSENT: "–"}
WIDTH_OF_A_FILE = 160  # columns of text where the output is no terminal, which would have a width of its own
json_option = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


class UnusableError(click.ClickException):
    """Input or surroundings that no answer can be given for; ends the command with status 2 and the reason."""

    exit_code = UNUSABLE

    def show(self, file: object = None) -> None:
        """Print the reason in Chinese, without click's English heading."""
        click.echo(f"错误：{self.message}", err=True)


def progress(text: str) -> None:
    """One step of longer work."""
    click.echo(f"→ {text}")


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """How far longer work is, as done, whole and a word about it; only where people look at it."""
    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %  {task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole, text: bar.update(task, completed=done, total=whole, description=text)


def existing_lake(folder: Path) -> "Lake":
    """The lake in a folder; raises UnusableError where there is none."""
    from yuejingzhun.telemetry.lake import Lake

    if not (folder / "commits").is_dir():
        raise UnusableError(f"{folder} 不是读数湖，或还没有导入过")
    return Lake(folder)


def print_json(content: object) -> None:
    """JSON with its Chinese left readable."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that fits Chinese; as wide as it needs where the output is no terminal."""
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_OF_A_FILE)
    console.print(table)


def read_file(path: Path) -> bytes:
    """The content of a file; raises UnusableError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableError(f"无法读取 {path}：{error.strerror}") from error


def write_file(path: Path, data: bytes) -> str:
    """Write a file and its folders, and return its name; raises UnusableError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UnusableError(f"无法写入 {path}：{error.strerror}") from error
    return str(path)
