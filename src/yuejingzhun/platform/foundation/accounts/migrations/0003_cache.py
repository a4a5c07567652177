"""The table of Django's database cache: used codes and counts of failures, which must hold in every process.

Not logged: what it holds is worth minutes, and a crash of the database empties it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("accounts", "0002_api_tokens"),)
    operations = (
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE accounts_cache (
                cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
            -- Read by the cache when it makes room.
            CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
            """,
            reverse_sql="DROP TABLE accounts_cache;",
        ),
    )
