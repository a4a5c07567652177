"""A certified value is never changed or deleted, and of a batch only the place and its withdrawal, once."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("materials", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(
            """
            CREATE FUNCTION batch_only_moves() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (NEW.material_id, NEW.owner_id, NEW.number, NEW.certificate, NEW.received_on, NEW.expires_on)
                   IS DISTINCT FROM
                   (OLD.material_id, OLD.owner_id, OLD.number, OLD.certificate, OLD.received_on, OLD.expires_on)
                   OR (OLD.withdrawn_on IS NOT NULL AND (NEW.withdrawn_on, NEW.withdrawal_reason)
                       IS DISTINCT FROM (OLD.withdrawn_on, OLD.withdrawal_reason))
                THEN
                    RAISE EXCEPTION 'a batch is what its certificate says' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER only_moves BEFORE UPDATE ON materials_batch
                FOR EACH ROW EXECUTE FUNCTION batch_only_moves();
            CREATE TRIGGER no_delete BEFORE DELETE ON materials_batch
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON materials_certifiedvalue
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER append_only ON materials_certifiedvalue;
            DROP TRIGGER no_delete ON materials_batch;
            DROP TRIGGER only_moves ON materials_batch;
            DROP FUNCTION batch_only_moves();
            """,
        ),
    )
