"""Tasks on Apache Spark by mapInArrow; the lake and the results must be reachable under the same paths everywhere.

Spark is given the tasks, not the readings: a district's rows already stand together in the lake, and a shuffle would
move all of them for nothing. Each task is a partition of Spark's, so it is retried by Spark where a machine is lost,
and since a result is written once and whole, a task that runs twice does no harm.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, Row, SparkSession

from yuejingzhun.telemetry.engine import Job, Outcomes, Settings, Task, told, work
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.lake import Lake

GROUP = "yuejingzhun"
SECONDS_BETWEEN_LOOKS = 0.2
OUTCOME = pa.schema([("name", pa.string()), ("error", pa.string())])


def session(master: str) -> SparkSession:
    """The session there is, or one of our own; its Python processes are this interpreter unless PYSPARK_PYTHON says
    another, as it must on a cluster."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(GROUP).master(master).config("spark.ui.enabled", "false")
    if master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    return builder.getOrCreate()


def run_tasks(job: Job, tasks: Sequence[Task], settings: Settings, stopped: Callable[[], bool]) -> Outcomes:
    """Do the tasks and tell each whose result is there; to be stopped cancels what is running."""
    if not tasks or stopped():
        return
    spark = session(settings.master)
    group = f"{GROUP} {job.out}"
    rows = [(pickle.dumps(task),) for task in tasks]
    frame = spark.createDataFrame(spark.sparkContext.parallelize(rows, len(rows)), "task binary")
    frame = frame.mapInArrow(partial(_do, job), "name string, error string")
    waiting, cancelled = list(tasks), False
    with ThreadPoolExecutor(1) as pool:
        collecting = pool.submit(_collect, spark, frame, group)
        running = True
        while running:
            running = not wait([collecting], timeout=SECONDS_BETWEEN_LOOKS).done
            finished = [task for task in waiting if job.result(task).exists()]
            waiting = [task for task in waiting if task not in finished]
            yield from ((task.name, "") for task in finished)
            if running and not cancelled and stopped():
                spark.sparkContext.cancelJobGroup(group)
                cancelled = True
        if cancelled:
            return
        yield from _errors(collecting)


def _collect(spark: SparkSession, frame: DataFrame, group: str) -> list[Row]:
    # A job's group belongs to the thread that starts it.
    spark.sparkContext.setJobGroup(group, group, interruptOnCancel=True)
    return frame.collect()


def _errors(collecting: Future[list[Row]]) -> Outcomes:
    try:
        rows = collecting.result()
    except (Py4JError, PySparkException) as error:  # what is done stays done
        raise EngineError(f"Spark 没有做完：{str(error).splitlines()[0][:200]}") from error
    yield from ((row["name"], row["error"]) for row in rows if row["error"])


def _do(job: Job, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The tasks of one partition, in a Python process of Spark's."""
    snapshot = None
    for batch in batches:
        for pickled in batch.column("task").to_pylist():
            task = pickle.loads(pickled)  # noqa: S301 - pickled by the driver just now
            snapshot = snapshot or Lake(job.lake).snapshot(job.commit)
            try:
                work(job, task, snapshot)
                error = ""
            except Exception as problem:  # noqa: BLE001 - a kernel may raise anything, and the others go on
                error = told(problem)
            yield pa.RecordBatch.from_pylist([{"name": task.name, "error": error}], schema=OUTCOME)
