"""`yjz demo` and `yjz serve`: the site with its database; `yjz worker`: the queue of long tasks alone. Until Ctrl-C."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from yuejingzhun.cli.terminal import UnusableError, progress

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("var"),
    envvar="YJZ_DATA",
    show_default=True,
    help="数据文件夹",
)
host_option = click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="监听地址")
port_option = click.option("--port", default=8000, type=int, envvar="PORT", show_default=True, help="监听端口")
scale_option = click.option(
    "--scale",
    type=click.Choice(["small", "province", "x10"]),
    help="演示数据的规模：2 万台（没有载入过时的默认）、600 万台或 6,000 万台器具",
)


@click.command()
@data_option
@host_option
@port_option
@scale_option
def demo(data: Path, host: str, port: int, scale: str | None) -> None:
    """载入演示数据（仅第一次）并启动服务。"""
    _run(data, host, port, lambda: _load_demo(scale, data))


@click.command()
@data_option
@host_option
@port_option
def serve(data: Path, host: str, port: int) -> None:
    """启动服务。"""
    _run(data, host, port, lambda: None)


@click.command()
@data_option
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="几个进程；每个同时做两项任务",
)
def worker(data: Path, processes: int) -> None:
    """只做队列里的长任务，不提供网页：用于有 PostgreSQL 服务器的安装，可以在几台机器上各启动几个。"""
    # Imported here: the other commands need neither Django nor a database.
    from yuejingzhun.project.working import CannotWorkError, work

    try:
        work(data, processes, progress)
    except CannotWorkError as error:
        raise UnusableError(str(error)) from error


def _run(data: Path, host: str, port: int, load: Callable[[], None]) -> None:
    # Imported here: the other commands need neither Django nor a database.
    from yuejingzhun.project.embedded_database import DatabaseError
    from yuejingzhun.project.server import PortTakenError, serve, site

    began = time.monotonic()
    try:
        with site(data, progress):
            load()
            progress(f"服务已就绪（{time.monotonic() - began:.1f} 秒）：http://{host}:{port}  按 Ctrl-C 停止")
            serve(host, port)
            progress("正在停止")
    except (DatabaseError, PortTakenError) as error:
        raise UnusableError(str(error)) from error


def _load_demo(scale: str | None, data: Path) -> None:
    from yuejingzhun.demo import province
    from yuejingzhun.demo.figures import SCALES
    from yuejingzhun.demo.loading import ScaleError, load_scale, loaded_scale

    def tell(what: str) -> None:
        progress(f"演示数据：{what}")

    try:
        if not province.is_loaded():
            province.load(datetime.now(UTC), tell)
        if scale is not None or loaded_scale() is None:
            own_server = (data / "postgres").exists()
            load_scale(SCALES[scale or "small"], datetime.now(UTC), tell, data if own_server else None)
    except ScaleError as error:
        raise UnusableError(str(error)) from error
    except KeyboardInterrupt:
        raise UnusableError("载入中断，这一部分没有留下任何数据；重新运行即从头载入") from None
    for line in province.account_lines():
        click.echo(f"  {line}")
    click.echo("  试一试：用检定员新建一份记录，换核验员核验，再换签字人批准，然后在首页查询证书编号。")
