"""A task that is done stays as it is: the database itself refuses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("jobs", "0001_initial"),)

    operations = (
        migrations.RunSQL(
            """
            CREATE FUNCTION refuse_change_of_done_task() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'task % is done', OLD.id USING ERRCODE = 'restrict_violation';
            END $$;
            CREATE TRIGGER done_is_final BEFORE UPDATE ON jobs_longtask
                FOR EACH ROW WHEN (OLD.state = 'DONE') EXECUTE FUNCTION refuse_change_of_done_task();
            """,
            reverse_sql="""
            DROP TRIGGER done_is_final ON jobs_longtask;
            DROP FUNCTION refuse_change_of_done_task();
            """,
        ),
    )
