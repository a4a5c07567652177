"""An application moves only forward, what happened to an instrument isn't taken back, and a referral stays."""

from django.db import migrations

STATEMENTS = """
CREATE FUNCTION application_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.key, NEW.holder_id, NEW.region, NEW.item, NEW.regulation, NEW.applied_at, NEW.applied_by_id)
       IS DISTINCT FROM
       (OLD.number, OLD.key, OLD.holder_id, OLD.region, OLD.item, OLD.regulation, OLD.applied_at, OLD.applied_by_id)
    THEN
        RAISE EXCEPTION 'what was applied for is final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('SUBMITTED', 'SUBMITTED'), ('SUBMITTED', 'ACCEPTED'), ('SUBMITTED', 'REFUSED'), ('SUBMITTED', 'WITHDRAWN'),
        ('ACCEPTED', 'APPOINTED'), ('ACCEPTED', 'WITHDRAWN'),
        ('APPOINTED', 'APPOINTED'), ('APPOINTED', 'WITHDRAWN'), ('APPOINTED', 'TESTING'),
        ('TESTING', 'TESTING'), ('TESTING', 'CLOSED'))
    THEN
        RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.institute_id <> OLD.institute_id AND OLD.state <> 'SUBMITTED' THEN
        RAISE EXCEPTION 'only an application that waits for its answer can be referred'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.due_on IS NOT NULL AND NEW.due_on IS DISTINCT FROM OLD.due_on THEN
        RAISE EXCEPTION 'a term that runs is not moved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves_forward BEFORE UPDATE ON mandatory_application
    FOR EACH ROW EXECUTE FUNCTION application_moves_forward();
CREATE TRIGGER no_delete BEFORE DELETE ON mandatory_application
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION line_keeps_what_happened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.application_id, NEW.instrument_id, NEW.position)
       IS DISTINCT FROM (OLD.application_id, OLD.instrument_id, OLD.position)
       OR (OLD.received_at IS NOT NULL AND (NEW.received_at, NEW.received_by_id, NEW.sample)
           IS DISTINCT FROM (OLD.received_at, OLD.received_by_id, OLD.sample))
       OR (OLD.result_at IS NOT NULL AND (NEW.result_at, NEW.fee_waived)
           IS DISTINCT FROM (OLD.result_at, OLD.fee_waived))
       OR (OLD.sealed_at IS NOT NULL AND (NEW.sealed_at, NEW.seal) IS DISTINCT FROM (OLD.sealed_at, OLD.seal))
       OR (NEW.open AND NOT OLD.open)
    THEN
        RAISE EXCEPTION 'what happened to an instrument is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keeps_what_happened BEFORE UPDATE ON mandatory_line
    FOR EACH ROW EXECUTE FUNCTION line_keeps_what_happened();
CREATE TRIGGER no_delete BEFORE DELETE ON mandatory_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mandatory_referral
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDONE = """
DROP TRIGGER append_only ON mandatory_referral;
DROP TRIGGER no_delete ON mandatory_line;
DROP TRIGGER keeps_what_happened ON mandatory_line;
DROP FUNCTION line_keeps_what_happened();
DROP TRIGGER no_delete ON mandatory_application;
DROP TRIGGER moves_forward ON mandatory_application;
DROP FUNCTION application_moves_forward();
"""


class Migration(migrations.Migration):
    dependencies = (("mandatory", "0001_initial"), ("audit", "0002_append_only"))
    operations = (migrations.RunSQL(STATEMENTS, UNDONE),)
