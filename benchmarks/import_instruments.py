"""Import of instruments from csv, checks and all, against bare COPY of the same rows into an equal table.

The equal table has the same columns, constraints and indexes (LIKE ... INCLUDING ALL), but not the triggers that keep
counts and types. COPY is given complete rows, in the order of the file; it checks, looks up and reports nothing.

Run: python benchmarks/import_instruments.py [--count N]
"""

import argparse
import csv
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=6_000_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="yjz-bench-") as name, embedded_postgres(Path(name) / "postgres") as url:
        os.environ |= {"DATABASE_URL": url, "YJZ_DATA": name, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}
        django.setup()
        call_command("migrate", verbosity=0)
        path = _file(Path(name) / "instruments.csv", count)
        print(
            f"{platform.machine()}, Python {platform.python_version()}, {count:,} rows, {path.stat().st_size:,} bytes"
        )
        first = _import(path, count, created=True)
        print(f"import, good rows kept:  {first:8.1f} s, {count / first:8,.0f} rows/s")
        again = _import(path, count, created=False)
        print(f"the same file again:     {again:8.1f} s, {count / again:8,.0f} rows/s, nothing changed")
        bare = _bare(url, Path(name) / "rows.copy", count)
        print(f"bare COPY, same indexes: {bare:8.1f} s, {count / bare:8,.0f} rows/s")
        print(f"ratio {first / bare:.2f} (claim: at most 4)")


def _file(path: Path, count: int) -> Path:
    from yuejingzhun.platform.foundation.parties.credit_code import check_character
    from yuejingzhun.platform.foundation.parties.models import Organisation

    codes = []
    for n in range(HOLDERS):
        first17 = f"91440100MA5{n:06}"
        codes.append(first17 + check_character(first17))
    Organisation.objects.bulk_create(
        Organisation(name=f"演示单位{n}", kind="holder", region=REGIONS[n % len(REGIONS)], credit_code=code)
        for n, code in enumerate(codes)
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for n in range(count):
            name, model, regulation, accuracy, measuring_range = KINDS[n % len(KINDS)]
            serial = f"{n * 2_654_435_761 % 2**32:010}{n:08}"  # scattered, as numbers of many makers are
            writer.writerow(
                (codes[n % HOLDERS], name, f"{model}{n % 40}", serial, f"演示制造厂{n % 300}", regulation, accuracy,
                 measuring_range, "贸易结算", f"演示市演示区演示路 {n % 9000} 号", "2024-01-31")
            )  # fmt: skip
    return path


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


def _bare(url: str, path: Path, count: int) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        with (
            path.open("wb") as file,
            connection.cursor().copy("copy (select * from instruments_instrument order by id) to stdout") as rows,
        ):
            for data in rows:
                file.write(data)
        connection.execute("create table bare (like instruments_instrument including all)")
        began = time.perf_counter()
        with path.open("rb") as file, connection.cursor().copy("copy bare from stdin") as copy:
            while data := file.read(1024**2):
                copy.write(data)
        took = time.perf_counter() - began
        assert connection.execute("select count(*) from bare").fetchone() == (count,)
        return took


if __name__ == "__main__":
    main()
