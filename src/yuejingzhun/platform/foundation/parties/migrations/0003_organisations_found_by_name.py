"""Organisations are found by any fragment of their name."""

from django.db import migrations

from yuejingzhun.platform.foundation.parties.fragments import FUNCTIONS


class Migration(migrations.Migration):
    dependencies = (("parties", "0002_makers_and_receptionists"),)

    operations = (
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),  # kept on the way back: other indexes are made of them
        migrations.RunSQL(
            "CREATE INDEX organisation_name_fragments ON parties_organisation USING gin (grams(name, 2))",
            "DROP INDEX organisation_name_fragments",
        ),
    )
