"""Fragments of texts are made by a loop: the same ones, in a quarter of the time."""

from django.db import migrations

from yuejingzhun.platform.foundation.parties.fragments import FUNCTIONS


class Migration(migrations.Migration):
    dependencies = (("parties", "0003_organisations_found_by_name"),)

    operations = (migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),)
