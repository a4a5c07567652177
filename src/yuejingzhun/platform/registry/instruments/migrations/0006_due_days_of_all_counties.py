"""The days around today are read in all counties at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("instruments", "0005_lists_narrowed"),)

    operations = (
        migrations.AddIndex("duecount", models.Index(fields=["valid_until", "region"], name="due_count_of_day")),
    )
