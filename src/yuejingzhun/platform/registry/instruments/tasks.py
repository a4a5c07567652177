"""The long tasks of instruments."""

from yuejingzhun.platform.foundation.jobs.registry import long_task
from yuejingzhun.platform.registry.instruments.import_run import LABELS, run_import
from yuejingzhun.platform.registry.instruments.importing import KIND, may_import

long_task(KIND, "导入计量器具", allow=may_import, labels=LABELS)(run_import)
