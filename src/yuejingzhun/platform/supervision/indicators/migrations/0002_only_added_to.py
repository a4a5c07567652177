"""Items, targets, monthly values, milestones and reports are only added to; a correction keeps its indicator."""

from django.db import migrations

TABLES = ("item", "target", "reading", "milestone", "milestonereport")
KEPT = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON indicators_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON indicators_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in TABLES
)
NOT_KEPT = "".join(
    f"DROP TRIGGER no_truncate ON indicators_{table}; DROP TRIGGER append_only ON indicators_{table};"
    for table in TABLES
)
FITS = """
ALTER TABLE indicators_item ADD CONSTRAINT item_not_of_the_future
    CHECK (counts_from <= (recorded_at AT TIME ZONE 'Asia/Shanghai')::date);
CREATE FUNCTION indicators_item_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earlier indicators_item;
BEGIN
    IF NEW.supersedes_id IS NOT NULL THEN
        SELECT * INTO earlier FROM indicators_item WHERE id = NEW.supersedes_id;
        IF earlier.indicator <> NEW.indicator OR earlier.withdrawn THEN
            RAISE EXCEPTION 'an item is superseded by one of the same indicator, and once withdrawn by none'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fits BEFORE INSERT ON indicators_item FOR EACH ROW EXECUTE FUNCTION indicators_item_fits();
"""
NOT_FITS = """
DROP TRIGGER fits ON indicators_item;
DROP FUNCTION indicators_item_fits();
ALTER TABLE indicators_item DROP CONSTRAINT item_not_of_the_future;
"""


class Migration(migrations.Migration):
    dependencies = (("indicators", "0001_items_targets_and_milestones"), ("audit", "0002_append_only"))
    operations = (migrations.RunSQL(KEPT + FITS, reverse_sql=NOT_FITS + NOT_KEPT),)
