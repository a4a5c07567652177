"""A term that runs moves with the State Council's list of days off, and by nothing else.

Whoever counts it anew says so for one transaction, and writes an audit event for each (`services/days_off.py`).
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION application_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF OLD.due_on IS NOT NULL AND NEW.due_on IS DISTINCT FROM OLD.due_on {unless}THEN
        RAISE EXCEPTION 'a term that runs is not moved' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
UNLESS = """
       AND (NEW.due_on IS NULL OR current_setting('yuejingzhun.days_off', true) IS DISTINCT FROM 'new')
    """


class Migration(migrations.Migration):
    dependencies = (("mandatory", "0003_batches"),)

    operations = (migrations.RunSQL(FUNCTION.format(unless=UNLESS), FUNCTION.format(unless="")),)
