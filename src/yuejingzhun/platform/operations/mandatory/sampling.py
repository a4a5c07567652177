"""What of a batch a reviewer or signatory looks at before all of it is passed: records drawn by lot, new each time."""

from collections.abc import Sequence
from random import Random

from yuejingzhun.platform.operations.mandatory.models import BatchJob

MOST = 20  # a page that is really looked through; those that failed are all listed beside


def sample_of_batch(batch_id: int, state: str, generator: Random, most: int = MOST) -> Sequence[BatchJob]:
    """So many records of a batch whose job is in that state, each as likely as any other, in the order of the file."""
    waiting = BatchJob.objects.filter(batch_id=batch_id, job__state=state).order_by("row")
    keys = list(waiting.values_list("pk", flat=True))
    drawn = generator.sample(keys, min(most, len(keys)))
    return list(waiting.filter(pk__in=drawn).select_related("job__instrument"))
