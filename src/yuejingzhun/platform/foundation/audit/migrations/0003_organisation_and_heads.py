"""For whom an event was done, and the heads of the trail that are in the log."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("audit", "0002_append_only"),)
    operations = (
        migrations.AddField(
            model_name="auditevent",
            name="organisation_id",
            field=models.BigIntegerField(null=True, verbose_name="单位编号"),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="region",
            field=models.CharField(blank=True, db_default="", default="", max_length=6, verbose_name="行政区划"),
        ),
        migrations.AddIndex("auditevent", models.Index(fields=["actor_id", "id"], name="audit_person")),
        migrations.AddIndex("auditevent", models.Index(fields=["organisation_id", "id"], name="audit_organisation")),
        migrations.AddIndex("auditevent", models.Index(fields=["region", "id"], name="audit_region")),
        migrations.AddIndex(
            "auditevent",
            django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=["at"], name="audit_day"),
        ),
        migrations.CreateModel(
            name="LoggedHead",
            fields=[
                ("last", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="末条编号")),
                ("first", models.BigIntegerField(unique=True, verbose_name="首条编号")),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="事件"
                    ),
                ),
                ("leaves", models.BinaryField(verbose_name="哈希")),
                ("root", models.BinaryField(verbose_name="根")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
            ],
            options={"verbose_name": "审计线索的头", "verbose_name_plural": "审计线索的头"},
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_loggedhead
                FOR EACH ROW EXECUTE FUNCTION refuse_change();
            CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_loggedhead
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
            ALTER TABLE audit_loggedhead ADD CONSTRAINT a_head_counts_its_events
                CHECK (cardinality(events) > 0 AND octet_length(leaves) = 32 * cardinality(events)
                       AND octet_length(root) = 32 AND first <= last);
            """,
            reverse_sql="""
            ALTER TABLE audit_loggedhead DROP CONSTRAINT a_head_counts_its_events;
            DROP TRIGGER no_truncate ON audit_loggedhead;
            DROP TRIGGER append_only ON audit_loggedhead;
            """,
        ),
    )
