"""Loading a scale of the synthetic province: everything in one transaction, or nothing, and never twice."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shutil import disk_usage

from django.db import connection, transaction

from yuejingzhun.demo.applications import Collected, load_applications, load_tallies
from yuejingzhun.demo.copying import built_once, copy, reserve_keys
from yuejingzhun.demo.figures import SCALES, Scale, places
from yuejingzhun.demo.holders import load_holders
from yuejingzhun.demo.indicators import note_past_months
from yuejingzhun.demo.institutes import load_institutes, load_metrologists
from yuejingzhun.demo.instruments import Source, chunks
from yuejingzhun.demo.makers import types
from yuejingzhun.demo.manufacture import load_makers
from yuejingzhun.demo.standards import load_standards
from yuejingzhun.demo.traceability import link_standards
from yuejingzhun.demo.types_on_record import load_types
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.registry.instruments.counting import add_up
from yuejingzhun.procedures.local_date import local_date

Progress = Callable[[str], None]
INSTRUMENTS = "instruments_instrument"
# From so many rows on an index is built once instead of row by row.
BUILD_ONCE_FROM = 500_000
# Of an instrument with its indexes, as measured (docs/demo.md), with what building them takes for a while.
BYTES_PER_INSTRUMENT = 1_200
COUNTED = """
SELECT coalesce(sum(number), 0) FROM (SELECT number FROM instruments_duecount
    UNION ALL SELECT number FROM instruments_countchange) AS counted
"""
# The demonstration accounts' holders, each the utility or station of its county.
KNOWN = {"演示供电局": "power", "演示水务公司": "water", "演示燃气公司": "gas", "演示加油站": "station"}


class ScaleError(RuntimeError):
    """That scale can't be loaded here; the message says why and what to do."""


def loaded_scale() -> Scale | None:
    """The scale that is in the database, by the maintained counts; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        (number,) = cursor.fetchone()
    there = [one for one in SCALES.values() if one.instruments <= number]
    return max(there, key=lambda one: one.instruments, default=None)


def load_scale(scale: Scale, at: datetime, progress: Progress, folder: Path | None = None) -> bool:
    """Add a scale to the demonstration's accounts (see province.load); False where it is there already.

    Raises ScaleError where another is, or where the disk of the data `folder` is too small. An exception or an
    interruption leaves everything as it was.
    """
    there = loaded_scale()
    if there == scale:
        return False
    if there is not None:
        raise ScaleError(f"已载入 {there.name} 规模的演示数据；要载入 {scale.name}，请用 --data 另指定一个数据文件夹")
    _check_space(scale, folder)
    with transaction.atomic():
        _load(scale, at, progress)
    add_up()
    progress("更新统计信息")
    with connection.cursor() as cursor:
        # Also what spares later readers the look at each row's transaction; a transaction can't do it.
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")
    return True


def _check_space(scale: Scale, folder: Path | None) -> None:
    needed = scale.instruments * BYTES_PER_INSTRUMENT
    if folder is not None and disk_usage(folder).free < needed:
        free = disk_usage(folder).free
        raise ScaleError(
            f"{scale.name} 规模约需 {needed / 1e9:.0f} GB，{folder} 所在磁盘只剩 {free / 1e9:.0f} GB；"
            "请用 --data 另指定一个磁盘，或选较小的规模"
        )


def _load(scale: Scale, at: datetime, progress: Progress) -> None:
    today, where = local_date(at), places()
    granting = Person.objects.get(user__username="jianguan")
    progress("授权机构、注册计量师与计量标准")
    institutes = load_institutes(where, granting, at, today)
    load_metrologists(institutes, granting, at, today)
    load_standards(institutes, today)
    link_standards(today)
    makers = load_makers(where, granting, at)
    progress("型式批准与软件备案")
    load_types(makers, granting, at)
    progress(f"使用单位 {scale.holders:,} 家")
    known = {
        (KNOWN[one.name], one.region): one.pk for one in Organisation.objects.filter(kind="holder", name__in=KNOWN)
    }
    holders = load_holders(where, scale.holders, known)
    collected = Collected(where, today, scale.applications, scale.instruments)
    first = reserve_keys(INSTRUMENTS, scale.instruments)
    source = Source(where, holders, types(), today, first)
    if scale.instruments < BUILD_ONCE_FROM:
        _load_instruments(source, scale, collected, progress)
    else:
        with built_once(INSTRUMENTS, progress):
            _load_instruments(source, scale, collected, progress)
    progress("强检申请与统计")
    load_tallies(collected, institutes)
    by = Person.objects.get(user__username="shiyong")
    load_applications(collected, institutes, by, at)
    progress("计量发展指标的月值")
    note_past_months(at)


def _load_instruments(source: Source, scale: Scale, collected: Collected, progress: Progress) -> None:
    done = 0
    for chunk in chunks(source, scale.instruments):
        done += copy(INSTRUMENTS, chunk.columns)
        collected.add(chunk)
        progress(f"计量器具 {done:,}/{scale.instruments:,}（{done * 100 // scale.instruments} %）")
