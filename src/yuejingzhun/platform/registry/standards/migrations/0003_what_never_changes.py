"""Certificates, records and what was handed in are final; terms don't overlap; no assessor of the applicant's own."""

from django.db import migrations

FORWARD = """
ALTER TABLE standards_assessmentcertificate ADD CONSTRAINT terms_do_not_overlap EXCLUDE USING gist (
    int8range(standard_id, standard_id, '[]') WITH &&,
    daterange(starts_on, COALESCE(ended_on, ends_on + 1), '[)') WITH &&
);

CREATE FUNCTION standards_certificate_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'ended_on' IS DISTINCT FROM to_jsonb(OLD) - 'ended_on' OR OLD.ended_on IS NOT NULL THEN
        RAISE EXCEPTION 'a certificate that was issued is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER is_final BEFORE UPDATE ON standards_assessmentcertificate
    FOR EACH ROW EXECUTE FUNCTION standards_certificate_is_final();
CREATE TRIGGER no_delete BEFORE DELETE ON standards_assessmentcertificate
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION standards_application_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.kind, NEW.applicant_id, NEW.presiding, NEW.name, NEW.content, NEW.figures_hold, NEW.applied_by_id,
        NEW.applied_at)
       IS DISTINCT FROM
       (OLD.kind, OLD.applicant_id, OLD.presiding, OLD.name, OLD.content, OLD.figures_hold, OLD.applied_by_id,
        OLD.applied_at)
       -- A new standard has its row only once it is approved.
       OR (OLD.standard_id IS NOT NULL AND NEW.standard_id IS DISTINCT FROM OLD.standard_id)
    THEN
        RAISE EXCEPTION 'an application that was handed in is final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('SUBMITTED', 'RETURNED'), ('SUBMITTED', 'ACCEPTED'), ('SUBMITTED', 'WITHDRAWN'),
        ('ACCEPTED', 'WITHDRAWN'), ('ACCEPTED', 'PASSED'), ('ACCEPTED', 'CORRECTING'), ('ACCEPTED', 'FAILED'),
        ('CORRECTING', 'CORRECTED'), ('CORRECTING', 'FAILED'),
        ('CORRECTED', 'PASSED'), ('CORRECTED', 'CORRECTING'), ('CORRECTED', 'FAILED'),
        ('PASSED', 'APPROVED'), ('PASSED', 'REFUSED'), ('FAILED', 'REFUSED'))
    THEN
        RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moves_forward BEFORE UPDATE ON standards_application
    FOR EACH ROW EXECUTE FUNCTION standards_application_moves_forward();
CREATE TRIGGER no_delete BEFORE DELETE ON standards_application
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION standards_assessor_is_independent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM parties_person person JOIN standards_application application
            ON application.applicant_id = person.organisation_id
        WHERE person.id = NEW.assessor_id AND application.id = NEW.application_id)
    THEN
        RAISE EXCEPTION 'an assessor is not one of the applicant''s people' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER is_independent BEFORE INSERT ON standards_assignment
    FOR EACH ROW EXECUTE FUNCTION standards_assessor_is_independent();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON standards_assignment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON standards_repeatabilityrecord
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON standards_stabilityrecord
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION standards_declaration_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.standard_id, NEW.content, NEW.starts_on, NEW.ends_on, NEW.declared_by_id, NEW.declared_at)
       IS DISTINCT FROM
       (OLD.standard_id, OLD.content, OLD.starts_on, OLD.ends_on, OLD.declared_by_id, OLD.declared_at)
       OR OLD.ended_on IS NOT NULL
    THEN
        RAISE EXCEPTION 'what was declared is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER is_final BEFORE UPDATE ON standards_declaration
    FOR EACH ROW EXECUTE FUNCTION standards_declaration_is_final();
CREATE TRIGGER no_delete BEFORE DELETE ON standards_declaration
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION standards_interruption_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{ends_on,ended_by_id}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{ends_on,ended_by_id}'::text[]
       OR OLD.ends_on IS NOT NULL
    THEN
        RAISE EXCEPTION 'an interruption can only end, once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_ends BEFORE UPDATE ON standards_interruption
    FOR EACH ROW EXECUTE FUNCTION standards_interruption_only_ends();
CREATE TRIGGER no_delete BEFORE DELETE ON standards_interruption
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

BACKWARD = """
DROP TRIGGER no_delete ON standards_interruption;
DROP TRIGGER only_ends ON standards_interruption;
DROP FUNCTION standards_interruption_only_ends();
DROP TRIGGER no_delete ON standards_declaration;
DROP TRIGGER is_final ON standards_declaration;
DROP FUNCTION standards_declaration_is_final();
DROP TRIGGER append_only ON standards_stabilityrecord;
DROP TRIGGER append_only ON standards_repeatabilityrecord;
DROP TRIGGER append_only ON standards_assignment;
DROP TRIGGER is_independent ON standards_assignment;
DROP FUNCTION standards_assessor_is_independent();
DROP TRIGGER no_delete ON standards_application;
DROP TRIGGER moves_forward ON standards_application;
DROP FUNCTION standards_application_moves_forward();
DROP TRIGGER no_delete ON standards_assessmentcertificate;
DROP TRIGGER is_final ON standards_assessmentcertificate;
DROP FUNCTION standards_certificate_is_final();
ALTER TABLE standards_assessmentcertificate DROP CONSTRAINT terms_do_not_overlap;
"""


class Migration(migrations.Migration):
    dependencies = (("standards", "0002_assessment_and_records"), ("audit", "0002_append_only"))
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
