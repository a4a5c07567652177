"""Facts, ratings and rule sets are only added to; contests and applications go forward; what is known grows.

A fact that is recorded after a round of ratings counts as known after that round, whatever its clock says: a round
locks the facts while it reads, so whoever inserts later sees it.
"""

from django.db import migrations

APPEND_ONLY = ("fact", "simulation", "snapshot", "rating")
FORWARD_ONLY = ("contest", "repair", "ruleversion")
KEPT = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON credit_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in APPEND_ONLY
)
NOT_KEPT = "".join(
    f"DROP TRIGGER no_truncate ON credit_{table}; DROP TRIGGER append_only ON credit_{table};" for table in APPEND_ONLY
)
STAYING = "".join(
    f"""
    CREATE TRIGGER no_delete BEFORE DELETE ON credit_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON credit_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in FORWARD_ONLY
)
NOT_STAYING = "".join(
    f"DROP TRIGGER no_truncate ON credit_{table}; DROP TRIGGER no_delete ON credit_{table};" for table in FORWARD_ONLY
)
RULES = """
ALTER TABLE credit_fact ADD CONSTRAINT fact_not_of_the_future
    CHECK (occurred_on <= (recorded_at AT TIME ZONE 'Asia/Shanghai')::date);

CREATE FUNCTION credit_fact_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier credit_fact;
    last timestamptz;
BEGIN
    SELECT max(known_at) INTO last FROM credit_snapshot;
    IF NEW.recorded_at <= last THEN
        NEW.recorded_at := last + interval '1 microsecond';
    END IF;
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT * INTO earlier FROM credit_fact WHERE id = NEW.supersedes_id;
        IF (earlier.party_id, earlier.kind, earlier.source) IS DISTINCT FROM (NEW.party_id, NEW.kind, NEW.source) THEN
            RAISE EXCEPTION 'a fact is superseded by one of the same party, kind and source'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF earlier.withdrawn THEN
            RAISE EXCEPTION 'what was withdrawn is not corrected' USING ERRCODE = 'restrict_violation';
        END IF;
        NEW.recorded_at := greatest(NEW.recorded_at, earlier.recorded_at + interval '1 microsecond');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fits BEFORE INSERT ON credit_fact FOR EACH ROW EXECUTE FUNCTION credit_fact_fits();

CREATE FUNCTION credit_contest_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last timestamptz;
    recorder bigint;
BEGIN
    SELECT max(known_at) INTO last FROM credit_snapshot;
    IF TG_OP = 'INSERT' THEN
        NEW.contested_at := greatest(NEW.contested_at, last + interval '1 microsecond');
        RETURN NEW;
    END IF;
    IF OLD.decision <> '' OR (OLD.id, OLD.fact_id, OLD.reason, OLD.contested_by_id, OLD.contested_at)
        IS DISTINCT FROM (NEW.id, NEW.fact_id, NEW.reason, NEW.contested_by_id, NEW.contested_at) THEN
        RAISE EXCEPTION 'what was contested or decided is final' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT recorded_by_id INTO recorder FROM credit_fact WHERE id = NEW.fact_id;
    IF recorder = NEW.decided_by_id THEN
        RAISE EXCEPTION 'who recorded a fact does not decide about it' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.decided_at := greatest(NEW.decided_at, last + interval '1 microsecond');
    RETURN NEW;
END $$;
CREATE TRIGGER fits BEFORE INSERT OR UPDATE ON credit_contest FOR EACH ROW EXECUTE FUNCTION credit_contest_fits();

CREATE FUNCTION credit_repair_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'APPLIED' OR (OLD.id, OLD.fact_id, OLD.statement, OLD.applied_by_id, OLD.applied_at)
        IS DISTINCT FROM (NEW.id, NEW.fact_id, NEW.statement, NEW.applied_by_id, NEW.applied_at) THEN
        RAISE EXCEPTION 'what was applied for or decided is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forward_only BEFORE UPDATE ON credit_repair FOR EACH ROW EXECUTE FUNCTION credit_repair_forward();

CREATE FUNCTION credit_rules_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.effective_from IS NOT NULL
        OR (OLD.id, OLD.version, OLD.name, OLD.content, OLD.sha256, OLD.note, OLD.proposed_by_id, OLD.proposed_at)
        IS DISTINCT FROM
        (NEW.id, NEW.version, NEW.name, NEW.content, NEW.sha256, NEW.note, NEW.proposed_by_id, NEW.proposed_at) THEN
        RAISE EXCEPTION 'a rule set is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER forward_only BEFORE UPDATE ON credit_ruleversion
    FOR EACH ROW EXECUTE FUNCTION credit_rules_forward();
"""
NO_RULES = """
DROP TRIGGER forward_only ON credit_ruleversion;
DROP FUNCTION credit_rules_forward();
DROP TRIGGER forward_only ON credit_repair;
DROP FUNCTION credit_repair_forward();
DROP TRIGGER fits ON credit_contest;
DROP FUNCTION credit_contest_fits();
DROP TRIGGER fits ON credit_fact;
DROP FUNCTION credit_fact_fits();
ALTER TABLE credit_fact DROP CONSTRAINT fact_not_of_the_future;
"""


class Migration(migrations.Migration):
    dependencies = (("credit", "0001_facts_rules_and_ratings"), ("audit", "0002_append_only"))
    operations = (migrations.RunSQL(KEPT + STAYING + RULES, reverse_sql=NO_RULES + NOT_STAYING + NOT_KEPT),)
