"""Fragments of new numbers wait in a list and go into their index together: row by row was most of what a row cost.

A list is at most 4 MB (gin_pending_list_limit), some 10,000 instruments, which a search reads through in a few ms.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("instruments", "0006_due_days_of_all_counties"),)

    operations = (
        migrations.RunSQL(
            "ALTER INDEX serial_fragments SET (fastupdate = on)", "ALTER INDEX serial_fragments SET (fastupdate = off)"
        ),
    )
