"""The printed forms move to a table of their own: they are made after the certificate has its place in the log."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("certificates", "0003_document"),)
    operations = (
        migrations.RunSQL(
            """
            INSERT INTO certificates_document (certificate_id, pdf, bundle)
                SELECT id, pdf, bundle FROM certificates_certificate ORDER BY id;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON certificates_document
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER no_truncate BEFORE TRUNCATE ON certificates_document
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            """,
            reverse_sql="""
            DROP TRIGGER no_truncate ON certificates_document;
            DROP TRIGGER append_only ON certificates_document;
            """,
        ),
        migrations.RemoveField("certificate", "pdf"),
        migrations.RemoveField("certificate", "bundle"),
    )
