"""What is logged is never changed or deleted, and the head only grows: the database itself refuses."""

from django.db import migrations

TABLES = ("ledger_statement", "ledger_entry", "ledger_node", "ledger_signedcheckpoint", "ledger_cosignature")
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


class Migration(migrations.Migration):
    dependencies = (("ledger", "0001_initial"), ("audit", "0002_append_only"))
    operations = (
        migrations.RunSQL(CREATE, reverse_sql=DROP),
        migrations.RunSQL(
            """
            INSERT INTO ledger_head (id, size, peaks) VALUES (1, 0, '');
            ALTER TABLE ledger_statement ADD CONSTRAINT hash_of_its_content CHECK (sha256 = sha256(content));
            ALTER TABLE ledger_entry ADD CONSTRAINT a_leaf_is_a_hash CHECK (octet_length(leaf) = 32);
            ALTER TABLE ledger_node ADD CONSTRAINT a_node_is_a_hash CHECK (octet_length(hash) = 32);
            CREATE FUNCTION log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' OR NEW.size < OLD.size OR NEW.id <> OLD.id THEN
                    RAISE EXCEPTION 'a log only grows' USING ERRCODE = 'restrict_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER log_only_grows BEFORE UPDATE OR DELETE ON ledger_head
                FOR EACH ROW EXECUTE FUNCTION log_only_grows();
            CREATE TRIGGER no_truncate BEFORE TRUNCATE ON ledger_head
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER no_truncate ON ledger_head;
            DROP TRIGGER log_only_grows ON ledger_head;
            DROP FUNCTION log_only_grows();
            ALTER TABLE ledger_node DROP CONSTRAINT a_node_is_a_hash;
            ALTER TABLE ledger_entry DROP CONSTRAINT a_leaf_is_a_hash;
            ALTER TABLE ledger_statement DROP CONSTRAINT hash_of_its_content;
            DELETE FROM ledger_head;
            """,
        ),
    )
