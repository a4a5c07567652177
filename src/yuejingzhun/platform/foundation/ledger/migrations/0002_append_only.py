"""What must never break in the log, kept by the database itself.

What is logged is never changed or deleted. Each statement is queued when it is stored, and leaves the queue only into
the batch that follows the last one: so none is lost, doubled or without a place.
"""

from django.db import migrations

TABLES = (
    "ledger_statement",
    "ledger_batch",
    "ledger_head",
    "ledger_node",
    "ledger_signedcheckpoint",
    "ledger_cosignature",
)
CREATE = "".join(
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    """
    for table in TABLES
)
DROP = "".join(f"DROP TRIGGER no_truncate ON {table}; DROP TRIGGER append_only ON {table};" for table in TABLES)

HASHES = """
    ALTER TABLE ledger_statement ADD CONSTRAINT hash_of_its_content CHECK (sha256 = sha256(content));
    ALTER TABLE ledger_node ADD CONSTRAINT a_node_is_a_hash CHECK (octet_length(hash) = 32);
    ALTER TABLE ledger_head ADD CONSTRAINT peaks_are_hashes CHECK (octet_length(peaks) = 32 * bit_count(size::bit(64)));
    ALTER TABLE ledger_batch
        ADD CONSTRAINT a_batch_counts_its_entries
            CHECK (first >= 0 AND size > first AND size = first + cardinality(statements)
                   AND octet_length(hashes) = 32 * cardinality(statements)),
        ADD CONSTRAINT a_batch_has_its_head
            FOREIGN KEY (size) REFERENCES ledger_head (size) DEFERRABLE INITIALLY DEFERRED,
        ADD COLUMN span int8range NOT NULL,
        -- Hashes don't compress; trying to would only take time.
        ALTER COLUMN hashes SET STORAGE EXTERNAL;
    ALTER TABLE ledger_queued ALTER COLUMN hashes SET STORAGE EXTERNAL;
    -- Read by what is asked of one statement: in which batch it is.
    CREATE INDEX ledger_batch_span ON ledger_batch USING gist (span);
"""
NO_HASHES = """
    DROP INDEX ledger_batch_span;
    ALTER TABLE ledger_batch DROP COLUMN span, DROP CONSTRAINT a_batch_has_its_head,
        DROP CONSTRAINT a_batch_counts_its_entries;
    ALTER TABLE ledger_head DROP CONSTRAINT peaks_are_hashes;
    ALTER TABLE ledger_node DROP CONSTRAINT a_node_is_a_hash;
    ALTER TABLE ledger_statement DROP CONSTRAINT hash_of_its_content;
"""

QUEUE = """
    CREATE FUNCTION queue_statements() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ledger_queued (id, statements, hashes, count)
            SELECT min(id), array_agg(id ORDER BY id), string_agg(sha256, ''::bytea ORDER BY id), count(*)
            FROM made HAVING count(*) > 0;
        RETURN NULL;
    END $$;
    CREATE TRIGGER queue_statements AFTER INSERT ON ledger_statement
        REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION queue_statements();

    -- Only the triggers here write the queue: they run inside another trigger's statement.
    CREATE FUNCTION only_by_triggers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_trigger_depth() < 2 THEN
            RAISE EXCEPTION '% is written by the log alone: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER only_by_triggers BEFORE INSERT OR UPDATE OR DELETE ON ledger_queued
        FOR EACH STATEMENT EXECUTE FUNCTION only_by_triggers();
    CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_queued
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
NO_QUEUE = """
    DROP TRIGGER no_truncate ON ledger_queued;
    DROP TRIGGER only_by_triggers ON ledger_queued;
    DROP FUNCTION only_by_triggers();
    DROP TRIGGER queue_statements ON ledger_statement;
    DROP FUNCTION queue_statements();
"""

# Whatever is said by who inserts a batch, it holds what was queued first and goes on where the log ends. Of the queue
# whole rows are taken, as many as begin among the first 256 statements: a bulk submission may make a batch larger.
PLACE = """
    CREATE FUNCTION fill_from_queue() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        WITH oldest AS (SELECT id, count FROM ledger_queued ORDER BY id LIMIT 256),
        counted AS (SELECT id, sum(count) OVER (ORDER BY id) - count AS before FROM oldest),
        taken AS (
            DELETE FROM ledger_queued WHERE id IN (SELECT id FROM counted WHERE before < 256)
            RETURNING id, statements, hashes),
        each AS (SELECT id, n, s FROM taken, unnest(statements) WITH ORDINALITY AS listed (s, n))
        SELECT (SELECT array_agg(s ORDER BY id, n) FROM each),
               (SELECT string_agg(hashes, ''::bytea ORDER BY id) FROM taken),
               (SELECT int8range(min(s), max(s), '[]') FROM each)
        INTO NEW.statements, NEW.hashes, NEW.span;
        IF NEW.statements IS NULL THEN
            RETURN NULL;
        END IF;
        NEW.first := coalesce((SELECT size FROM ledger_batch ORDER BY first DESC LIMIT 1), 0);
        NEW.size := NEW.first + cardinality(NEW.statements);
        RETURN NEW;
    END $$;
    CREATE TRIGGER fill_from_queue BEFORE INSERT ON ledger_batch
        FOR EACH ROW EXECUTE FUNCTION fill_from_queue();
"""
NO_PLACE = "DROP TRIGGER fill_from_queue ON ledger_batch; DROP FUNCTION fill_from_queue();"


class Migration(migrations.Migration):
    dependencies = (("ledger", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(CREATE, reverse_sql=DROP),
        migrations.RunSQL(HASHES, reverse_sql=NO_HASHES),
        migrations.RunSQL(QUEUE, reverse_sql=NO_QUEUE),
        migrations.RunSQL(PLACE, reverse_sql=NO_PLACE),
    )
