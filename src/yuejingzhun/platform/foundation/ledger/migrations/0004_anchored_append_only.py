from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("ledger", "0003_anchored"),)
    operations = (
        migrations.RunSQL(
            """
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger_anchored
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_anchored
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER no_truncate ON ledger_anchored;
            DROP TRIGGER append_only ON ledger_anchored;
            """,
        ),
    )
