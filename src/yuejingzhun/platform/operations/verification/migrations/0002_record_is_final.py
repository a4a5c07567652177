"""A record that was handed in is never edited or deleted: only the state of its job moves, and only forward."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("verification", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(
            """
            CREATE FUNCTION job_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (NEW.instrument_id, NEW.institute_id, NEW.holder_id, NEW.standard_id, NEW.regulation, NEW.kind,
                    NEW.record, NEW.reference, NEW.passed, NEW.received_on, NEW.tested_on, NEW.tested_by_id,
                    NEW.tested_at)
                   IS DISTINCT FROM
                   (OLD.instrument_id, OLD.institute_id, OLD.holder_id, OLD.standard_id, OLD.regulation, OLD.kind,
                    OLD.record, OLD.reference, OLD.passed, OLD.received_on, OLD.tested_on, OLD.tested_by_id,
                    OLD.tested_at)
                THEN
                    RAISE EXCEPTION 'a record that was handed in is final' USING ERRCODE = 'restrict_violation';
                END IF;
                IF (OLD.state, NEW.state) NOT IN
                    (('TESTED', 'REVIEWED'), ('REVIEWED', 'APPROVED'), ('TESTED', 'RETURNED'), ('REVIEWED', 'RETURNED'))
                THEN
                    RAISE EXCEPTION 'a job does not go from % to %', OLD.state, NEW.state
                        USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER moves_forward BEFORE UPDATE ON verification_job
                FOR EACH ROW EXECUTE FUNCTION job_moves_forward();
            CREATE TRIGGER no_delete BEFORE DELETE ON verification_job
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER no_delete ON verification_job;
            DROP TRIGGER moves_forward ON verification_job;
            DROP FUNCTION job_moves_forward();
            """,
        ),
    )
