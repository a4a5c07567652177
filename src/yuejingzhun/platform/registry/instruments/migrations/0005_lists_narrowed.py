"""Lists of a holder and of a region are narrowed by indexes of their own."""

from django.db import migrations, models
from django.db.models import Q


def index(name: str, fields: tuple[str, ...], condition: Q | None = None) -> migrations.AddIndex:
    return migrations.AddIndex("instrument", models.Index(fields=list(fields), name=name, condition=condition))


class Migration(migrations.Migration):
    dependencies = (
        ("instruments", "0004_searched_and_counted"),
        ("parties", "0003_organisations_found_by_name"),
    )

    operations = (
        index("item_of_holder", ("holder", "item", "valid_until", "id")),
        index("no_pass_of_holder", ("holder", "last_passed", "id"), Q(last_passed=None) | Q(last_passed=False)),
        index("not_used_of_holder", ("holder", "id"), Q(in_use__in=["stopped", "scrapped"])),
        index("never_in_region", ("region", "id"), Q(in_use="in_use", last_passed=None)),
    )
