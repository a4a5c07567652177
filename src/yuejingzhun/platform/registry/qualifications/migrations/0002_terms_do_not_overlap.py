"""Nothing that was granted is edited, and two terms never hold at once: the database itself refuses.

A plain exclusion constraint can't say it, since a term also ends by the row that supersedes it or the one that
withdraws it, and neither may change the row itself.
"""

from django.db import migrations

TABLES = (
    "authorisation",
    "authoriseditem",
    "withdrawal",
    "registration",
    "cancellation",
    "training",
    "peerreview",
)
APPEND_ONLY = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON qualifications_{table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON qualifications_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in TABLES
)
EDITABLE = "".join(
    f"DROP TRIGGER no_truncate ON qualifications_{table}; DROP TRIGGER append_only ON qualifications_{table};"
    for table in TABLES
)


def one_at_a_time(table: str, owner: str, same: str, ending: str) -> str:
    """SQL of a trigger by which the terms of one owner follow each other; `same` is what else must be equal."""
    return f"""
    CREATE FUNCTION {table}_one_at_a_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Two who grant at once would not see each other's row; the lock ends with the transaction.
        PERFORM pg_advisory_xact_lock(hashtext('{table}'), hashint8(NEW.{owner}));
        IF NEW.supersedes_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM qualifications_{table} o
            WHERE o.id = NEW.supersedes_id AND o.{owner} = NEW.{owner} AND {same} AND o.valid_from <= NEW.valid_from
        ) THEN
            RAISE EXCEPTION 'a {table} supersedes an earlier one of the same owner'
                USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{table}_one_at_a_time';
        END IF;
        IF EXISTS (
            SELECT FROM qualifications_{table} o
            LEFT JOIN qualifications_{table} next ON next.supersedes_id = o.id
            LEFT JOIN qualifications_{ending} ended ON ended.{table}_id = o.id
            WHERE o.{owner} = NEW.{owner} AND {same} AND o.id IS DISTINCT FROM NEW.supersedes_id
              AND o.valid_from <= NEW.valid_until
              AND GREATEST(NEW.valid_from, o.valid_from)
                  < LEAST(o.valid_until + 1, next.valid_from, ended.effective_from)
        ) THEN
            RAISE EXCEPTION 'the term overlaps another {table} of the same owner'
                USING ERRCODE = 'exclusion_violation', CONSTRAINT = '{table}_one_at_a_time';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER one_at_a_time BEFORE INSERT ON qualifications_{table}
        FOR EACH ROW EXECUTE FUNCTION {table}_one_at_a_time();
    """  # noqa: S608 - of names written below


def undo(table: str) -> str:
    """SQL that drops that trigger."""
    return f"DROP TRIGGER one_at_a_time ON qualifications_{table}; DROP FUNCTION {table}_one_at_a_time();"


class Migration(migrations.Migration):
    dependencies = (("qualifications", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(APPEND_ONLY, reverse_sql=EDITABLE),
        migrations.RunSQL(
            one_at_a_time("authorisation", "institute_id", "o.kind = NEW.kind", "withdrawal"),
            reverse_sql=undo("authorisation"),
        ),
        migrations.RunSQL(
            one_at_a_time("registration", "person_id", "TRUE", "cancellation"),
            reverse_sql=undo("registration"),
        ),
    )
