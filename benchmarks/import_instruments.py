"""Import of instruments from csv, checks and all, against bare COPY of the same rows.

COPY is given complete rows, in the order of the file; it checks, looks up and reports nothing. Into an empty database
it goes into an equal table, with the same columns, constraints and indexes (LIKE ... INCLUDING ALL) but not the
triggers that keep counts and types. With --data the rows come on top of a loaded province: both go into its own table,
the bare COPY after what was imported is taken out again, and at the end the province is as it was.

Run: python benchmarks/import_instruments.py [--count 1000000]            (6 M: an hour)
     python benchmarks/import_instruments.py --data FOLDER [--count 200000]
"""

import argparse
import csv
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import psycopg
from demo_site import demo_site
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres

HOLDERS, REGIONS = 2_000, ("440106", "440304", "440605", "441900", "440803")
HEADINGS = [
    "统一社会信用代码",
    "名称",
    "型号",
    "出厂编号",
    "制造单位",
    "适用检定规程",
    "准确度等级",
    "测量范围",
    "用途",
    "安装地点",
    "备案日期",
]
KINDS = (
    ("单相电能表", "DDS", "JJG 596-2012", "A级", "220V 5(60)A"),
    ("水表", "LXS", "JJG 162-2019", "2级", "DN15"),
    ("非自动衡器", "TCS", "JJG 539-2016", "Ⅲ级", "(0.2～60)kg"),
)


def main() -> None:
    """Print the time of both and their ratio (claim: at most 4)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=None, help="1,000,000, or 200,000 on top of a loaded province")
    parser.add_argument("--data", default=None, help="folder with a province of 6 M instruments, loaded where empty")
    parser.add_argument("--again", action="store_true", help="the same file a second time as well")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yjz-bench-") as name:
        if given.data:
            with demo_site(6_000_000, given.data) as there:
                _on_top(Path(name), there, given.count or 200_000)
        else:
            with embedded_postgres(Path(name) / "postgres") as url:
                os.environ |= {"DATABASE_URL": url, "YJZ_DATA": name}
                os.environ["DJANGO_SETTINGS_MODULE"] = "yuejingzhun.project.settings"
                django.setup()
                call_command("migrate", verbosity=0)
                _into_an_empty_one(Path(name), url, given.count or 1_000_000, given.again)


def _into_an_empty_one(folder: Path, url: str, count: int, again: bool) -> None:
    path = _file(folder / "instruments.csv", count)
    _heading(f"{count:,} rows, {path.stat().st_size:,} bytes, into an empty database")
    took = _import(path, count, created=True)
    print(f"import, good rows kept:  {took:8.1f} s, {count / took:8,.0f} rows/s", flush=True)
    if again:
        second = _import(path, count, created=False)
        print(f"the same file again:     {second:8.1f} s, {count / second:8,.0f} rows/s, nothing changed", flush=True)
    with psycopg.connect(url, autocommit=True) as connection:
        _kept(connection, folder / "rows.copy", 0)
        connection.execute("create table bare (like instruments_instrument including all)")
        bare = _bare(connection, folder / "rows.copy", "bare")
        assert connection.execute("select count(*) from bare").fetchone() == (count,)
    print(f"bare COPY, same indexes: {bare:8.1f} s, {count / bare:8,.0f} rows/s")
    print(f"ratio {took / bare:.2f} (claim: at most 4)")


def _on_top(folder: Path, there: int, count: int) -> None:
    path = _file(folder / "instruments.csv", count)
    _heading(f"{count:,} rows, {path.stat().st_size:,} bytes, on top of {there:,} instruments")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        (last,) = connection.execute("select max(id) from instruments_instrument").fetchone() or (0,)
        try:
            took = _import(path, count, created=True)
            print(f"import, good rows kept:  {took:8.1f} s, {count / took:8,.0f} rows/s", flush=True)
            _kept(connection, folder / "rows.copy", last)
            _taken_out(connection, last)
            bare = _bare(connection, folder / "rows.copy", "instruments_instrument")
            print(f"bare COPY, same table:   {bare:8.1f} s, {count / bare:8,.0f} rows/s")
            print(f"ratio {took / bare:.2f} (claim: at most 4)", flush=True)
        finally:
            _taken_out(connection, last)


def _heading(what: str) -> None:
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}; {what}")


def _taken_out(connection: psycopg.Connection[Any], last: int) -> None:
    connection.execute("delete from instruments_instrument where id > %s", [last])
    connection.execute("vacuum analyze instruments_instrument")


def _file(path: Path, count: int) -> Path:
    codes = _holders()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for n in range(count):
            name, model, regulation, accuracy, measuring_range = KINDS[n % len(KINDS)]
            serial = f"{n * 2_654_435_761 % 2**32:010}{n:08}"  # scattered, as numbers of many makers are
            writer.writerow(
                (codes[n % len(codes)], name, f"{model}{n % 40}", serial, f"演示制造厂{n % 300}", regulation, accuracy,
                 measuring_range, "贸易结算", f"演示市演示区演示路 {n % 9000} 号", "2024-01-31")
            )  # fmt: skip
    return path


def _holders() -> list[str]:
    """The codes of so many holders: those of the province, or some made here."""
    from yuejingzhun.platform.foundation.parties.credit_code import check_character
    from yuejingzhun.platform.foundation.parties.models import Organisation

    known = Organisation.objects.filter(kind="holder").exclude(credit_code=None).order_by("pk")
    if codes := list(known.values_list("credit_code", flat=True)[:HOLDERS]):
        return codes
    for n in range(HOLDERS):
        first17 = f"91440100MA5{n:06}"
        codes.append(first17 + check_character(first17))
    Organisation.objects.bulk_create(
        Organisation(name=f"演示单位{n}", kind="holder", region=REGIONS[n % len(REGIONS)], credit_code=code)
        for n, code in enumerate(codes)
    )
    return codes


def _import(path: Path, count: int, created: bool) -> float:
    from django.db import connection

    from yuejingzhun.platform.foundation.jobs.models import LongTask
    from yuejingzhun.platform.foundation.jobs.running import run_long_task
    from yuejingzhun.platform.foundation.parties.models import Organisation, Person
    from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
    from yuejingzhun.platform.registry.instruments.desks import desk_of
    from yuejingzhun.platform.registry.instruments.import_run import Keep
    from yuejingzhun.platform.registry.instruments.importing import ask_import, draft
    from yuejingzhun.platform.registry.instruments.kept_files import keep

    authority, _ = Organisation.objects.get_or_create(name="演示省局", kind="authority", region="440000")
    person, _ = Person.objects.get_or_create(name="演示监管员", organisation=authority)
    actor = Actor(person.pk, person.name, (Grant(Role.REGULATOR, authority.pk, authority.region),))
    with path.open("rb") as file:
        kept = keep(path.name, iter(lambda: file.read(1024**2), b""))
    at = datetime.now(UTC)
    task_id = ask_import(actor, desk_of(actor), kept, draft(kept, None, at).mapping, Keep.GOOD, at)
    began = time.perf_counter()
    run_long_task(task_id)
    took = time.perf_counter() - began
    result = LongTask.objects.get(pk=task_id).result
    assert result["created" if created else "unchanged"] == count, result
    connection.close()
    return took


def _kept(connection: psycopg.Connection[Any], path: Path, last: int) -> None:
    """The rows above a key in a file, as COPY takes them."""
    rows = f"(select * from instruments_instrument where id > {last} order by id)"  # noqa: S608 - a number
    with path.open("wb") as file, connection.cursor().copy(f"copy {rows} to stdout") as copy:
        for data in copy:
            file.write(data)


def _bare(connection: psycopg.Connection[Any], path: Path, table: str) -> float:
    began = time.perf_counter()
    with path.open("rb") as file, connection.cursor().copy(f"copy {table} from stdin") as copy:
        while data := file.read(1024**2):
            copy.write(data)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
