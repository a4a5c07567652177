"""Nothing issued is changed or deleted: the database itself refuses."""

from django.db import migrations

TABLES = ("certificates_certificate", "certificates_revocation")
CREATE = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER no_truncate ON {table}; DROP TRIGGER append_only ON {table};" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = (("certificates", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(CREATE, reverse_sql=DROP),
        migrations.RunSQL(
            """
            CREATE FUNCTION only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' OR NEW.last <> OLD.last + 1 OR NEW.region <> OLD.region OR NEW.year <> OLD.year THEN
                    RAISE EXCEPTION 'a series of numbers goes forward by one only'
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER only_forward BEFORE UPDATE OR DELETE ON certificates_numberseries
                FOR EACH ROW EXECUTE FUNCTION only_forward();
            """,
            reverse_sql="DROP TRIGGER only_forward ON certificates_numberseries; DROP FUNCTION only_forward();",
        ),
    )
