"""What was issued, filed or seen is only added to; an application and a filing go forward through their states only."""

from django.db import migrations

APPEND_ONLY = (
    "typeapproval",
    "step",
    "document",
    "evaluation",
    "certificate",
    "certifiedvariant",
    "withdrawal",
    "softwareblock",
    "comparison",
)
FORWARD_ONLY = ("application", "softwarefiling", "numberseries")

KEPT = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON approvals_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON approvals_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in APPEND_ONLY
)
NOT_KEPT = "".join(
    f"DROP TRIGGER no_truncate ON approvals_{table}; DROP TRIGGER append_only ON approvals_{table};"
    for table in APPEND_ONLY
)
STAYING = "".join(
    f"""
    CREATE TRIGGER no_delete BEFORE DELETE ON approvals_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON approvals_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in FORWARD_ONLY
)
NOT_STAYING = "".join(
    f"DROP TRIGGER no_truncate ON approvals_{table}; DROP TRIGGER no_delete ON approvals_{table};"
    for table in FORWARD_ONLY
)
FORWARD = """
CREATE FUNCTION approvals_application_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.maker_id, OLD.amends_id, OLD.item, OLD.name, OLD.variants, OLD.samples, OLD.sample_note,
        OLD.applied_by_id, OLD.applied_at)
        IS DISTINCT FROM
       (NEW.id, NEW.maker_id, NEW.amends_id, NEW.item, NEW.name, NEW.variants, NEW.samples, NEW.sample_note,
        NEW.applied_by_id, NEW.applied_at)
       OR (OLD.institute_id IS NOT NULL AND NEW.institute_id IS DISTINCT FROM OLD.institute_id) THEN
        RAISE EXCEPTION 'what was applied for is final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('APPLIED', 'REFUSED'), ('APPLIED', 'ACCEPTED'), ('APPLIED', 'WITHDRAWN'),
        ('ACCEPTED', 'EVALUATING'), ('ACCEPTED', 'WITHDRAWN'),
        ('EVALUATING', 'EVALUATED'), ('EVALUATING', 'WITHDRAWN'),
        ('EVALUATED', 'APPROVED'), ('EVALUATED', 'REJECTED')
    ) THEN
        RAISE EXCEPTION 'an application does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE ON approvals_application
    FOR EACH ROW EXECUTE FUNCTION approvals_application_forward();

CREATE FUNCTION approvals_software_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'FILED' OR NEW.state NOT IN ('ACCEPTED', 'REFUSED')
       OR (OLD.id, OLD.approval_id, OLD.serial, OLD.number, OLD.version, OLD.algorithm, OLD.identification,
           OLD.valid_from, OLD.replaces_id, OLD.changes, OLD.filed_by_id, OLD.filed_at)
          IS DISTINCT FROM
          (NEW.id, NEW.approval_id, NEW.serial, NEW.number, NEW.version, NEW.algorithm, NEW.identification,
           NEW.valid_from, NEW.replaces_id, NEW.changes, NEW.filed_by_id, NEW.filed_at) THEN
        RAISE EXCEPTION 'a software filing is decided once, and what was filed is final'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE ON approvals_softwarefiling
    FOR EACH ROW EXECUTE FUNCTION approvals_software_forward();

CREATE FUNCTION approvals_numbers_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last <> OLD.last + 1 OR (NEW.year, NEW.letter) IS DISTINCT FROM (OLD.year, OLD.letter) THEN
        RAISE EXCEPTION 'a series of numbers goes forward by one only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE ON approvals_numberseries
    FOR EACH ROW EXECUTE FUNCTION approvals_numbers_forward();
"""
NOT_FORWARD = """
DROP TRIGGER only_forward ON approvals_numberseries;
DROP FUNCTION approvals_numbers_forward();
DROP TRIGGER only_forward ON approvals_softwarefiling;
DROP FUNCTION approvals_software_forward();
DROP TRIGGER only_forward ON approvals_application;
DROP FUNCTION approvals_application_forward();
"""


class Migration(migrations.Migration):
    dependencies = (("approvals", "0001_types_and_software"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(KEPT, reverse_sql=NOT_KEPT),
        migrations.RunSQL(STAYING, reverse_sql=NOT_STAYING),
        migrations.RunSQL(FORWARD, reverse_sql=NOT_FORWARD),
    )
