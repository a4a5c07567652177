"""What was published is never changed or deleted: the database itself refuses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("events", "0001_outbox"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(
            """
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events_event
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER no_truncate BEFORE TRUNCATE ON events_event
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER no_truncate ON events_event;
            DROP TRIGGER append_only ON events_event;
            """,
        ),
    )
