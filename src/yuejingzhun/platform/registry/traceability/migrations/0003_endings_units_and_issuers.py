"""Certificates that were revoked or superseded, the unit of an item's U, and counts for those who issued."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON traceability_ending
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON traceability_ending
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
DROP = """
DROP TRIGGER no_truncate ON traceability_ending;
DROP TRIGGER append_only ON traceability_ending;
"""


class Migration(migrations.Migration):
    dependencies = (("traceability", "0002_only_added"), ("parties", "0002_makers_and_receptionists"))
    operations = (
        migrations.CreateModel(
            name="Ending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("certificate", models.CharField(max_length=80, verbose_name="证书编号")),
                (
                    "how",
                    models.CharField(
                        choices=[("revoked", "已撤销"), ("superseded", "已被替换")],
                        max_length=10,
                        verbose_name="失效方式",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
            options={"verbose_name": "证书失效", "verbose_name_plural": "证书失效"},
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.UniqueConstraint(fields=("certificate", "how"), name="ends_once_each_way"),
        ),
        migrations.AddField(
            model_name="node",
            name="unit",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="U 的单位"),
        ),
        migrations.AddField(
            model_name="tally",
            name="institute",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.organisation",
                verbose_name="签发机构",
            ),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                condition=models.Q(("institute", None), _negated=True),
                fields=["institute", "recall"],
                name="tally_of_institute",
            ),
        ),
        migrations.RunSQL(CREATE, reverse_sql=DROP),
    )
