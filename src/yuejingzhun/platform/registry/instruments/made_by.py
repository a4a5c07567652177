"""What makers can know of their products on record: how many of each model there are, not whose they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.instruments.models import Instrument

MOST_MODELS = 200
MOST = 10_000  # counted of a model, and of all
# Each count stops early in the index of makers and models, without a look at the rows.
MODELS = """
SELECT maker, model, name,
    (SELECT count(*) FROM (SELECT 1 FROM instruments_instrument i
                           WHERE i.maker = t.maker AND i.model = t.model LIMIT %(most)s) AS counted)
FROM (SELECT maker, model, string_agg(name, '、' ORDER BY name) AS name FROM instruments_knowntype
      WHERE maker = ANY(%(makers)s) GROUP BY maker, model ORDER BY maker, model LIMIT %(models)s) AS t
"""


@dataclass(frozen=True, slots=True)
class Product:
    """A model on record under a maker's name; `number` was counted up to `MOST`, stopped and scrapped ones included."""

    maker: str
    model: str
    name: str
    number: int


def products_of(actor: Actor) -> Sequence[Product]:
    """The models of the makers for whom the actor acts, by name, `MOST_MODELS` at most; raises NotPermittedError."""
    values = {"makers": _names(actor), "most": MOST, "models": MOST_MODELS}
    with connection.cursor() as cursor:
        cursor.execute(MODELS, values)
        return [product for row in cursor.fetchall() if (product := Product(*row)).number]


def count_made_by(actor: Actor) -> int:
    """How many instruments are on record under the names of the actor's makers, up to `MOST`; as `products_of`."""
    return Instrument.objects.filter(maker__in=_names(actor)).order_by()[:MOST].count()


def _names(actor: Actor) -> Collection[str]:
    makers = [grant.organisation_id for grant in actor.grants if grant.role is Role.MAKER]
    if not makers:
        raise NotPermittedError(f"{actor.name} 不是制造单位的经办人")
    return [organisation(maker).name for maker in makers]
