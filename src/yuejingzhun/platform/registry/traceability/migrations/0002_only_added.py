"""Links are appended only, an item keeps its key, and a recall's list is final once it is done."""

from django.db import migrations

LISTS = ("traceability_affected", "traceability_tally")
VERBS = (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
CREATE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON traceability_link
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON traceability_link
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete BEFORE DELETE ON traceability_node
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keeps_its_key BEFORE UPDATE ON traceability_node
    FOR EACH ROW WHEN ((OLD.kind, OLD.key) IS DISTINCT FROM (NEW.kind, NEW.key))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete BEFORE DELETE ON traceability_recall
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER declared_is_final BEFORE UPDATE ON traceability_recall
    FOR EACH ROW WHEN (
        OLD.state = 'done'
        OR (OLD.source_id, OLD.from_day, OLD.to_day, OLD.error, OLD.unit, OLD.reason, OLD.declared_by_id,
            OLD.declared_at)
        IS DISTINCT FROM
           (NEW.source_id, NEW.from_day, NEW.to_day, NEW.error, NEW.unit, NEW.reason, NEW.declared_by_id,
            NEW.declared_at)
    ) EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_of_finished_recall() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT recall_id FROM touched) t
        JOIN traceability_recall r ON r.id = t.recall_id WHERE r.state = 'done'
    ) THEN
        RAISE EXCEPTION 'the list of a recall is final once it is done' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
FINAL = "".join(
    f"""
    CREATE TRIGGER final_{verb.lower()} AFTER {verb} ON {table} REFERENCING {rows} TABLE AS touched
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_of_finished_recall();
    """
    for table in LISTS
    for verb, rows in VERBS
)
NOT_FINAL = "".join(f"DROP TRIGGER final_{verb.lower()} ON {table};" for table in LISTS for verb, _ in VERBS)
DROP = """
DROP FUNCTION refuse_of_finished_recall();
DROP TRIGGER declared_is_final ON traceability_recall;
DROP TRIGGER no_delete ON traceability_recall;
DROP TRIGGER keeps_its_key ON traceability_node;
DROP TRIGGER no_delete ON traceability_node;
DROP TRIGGER no_truncate ON traceability_link;
DROP TRIGGER append_only ON traceability_link;
"""


class Migration(migrations.Migration):
    dependencies = (("traceability", "0001_graph_and_recalls"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(CREATE, reverse_sql=DROP),
        migrations.RunSQL(FINAL, reverse_sql=NOT_FINAL),
    )
