"""Batches of records from a test bench; what a batch was, and what a verification would cost, stays."""

import django.db.models.deletion
from django.db import migrations, models

STATEMENTS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mandatory_batch FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mandatory_batchjob FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mandatory_tariff FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
UNDONE = """
DROP TRIGGER append_only ON mandatory_tariff;
DROP TRIGGER append_only ON mandatory_batchjob;
DROP TRIGGER append_only ON mandatory_batch;
"""


class Migration(migrations.Migration):
    dependencies = (
        ("mandatory", "0002_only_forward"),
        ("parties", "0001_initial"),
        ("verification", "0002_record_is_final"),
    )
    operations = (
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("regulation", models.CharField(max_length=40, verbose_name="检定规程")),
                (
                    "keep",
                    models.CharField(
                        choices=[
                            ("ALL", "全部正确才提交，否则一行也不提交"),
                            ("GOOD", "提交正确的行，有问题的行另列"),
                        ],
                        max_length=4,
                        verbose_name="有问题的行",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="文件的 SHA-256")),
                ("content", models.BinaryField(verbose_name="文件")),
                ("rows", models.PositiveIntegerField(verbose_name="台数")),
                ("asked_at", models.DateTimeField(verbose_name="提交时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.person",
                        verbose_name="提交人",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="verification.job",
                        verbose_name="首件记录",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                        verbose_name="检定机构",
                    ),
                ),
            ],
            options={"verbose_name": "成批检定", "verbose_name_plural": "成批检定"},
        ),
        migrations.CreateModel(
            name="BatchJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField(verbose_name="行号")),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="mandatory.batch",
                        verbose_name="批",
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batched",
                        to="verification.job",
                        verbose_name="检定任务",
                    ),
                ),
            ],
            options={"verbose_name": "成批检定的记录", "verbose_name_plural": "成批检定的记录"},
        ),
        migrations.AddIndex(
            model_name="batch", index=models.Index(fields=["institute", "-id"], name="batch_of_institute")
        ),
        migrations.AddConstraint(
            model_name="batchjob",
            constraint=models.UniqueConstraint(fields=("batch", "row"), name="one_job_a_row"),
        ),
        migrations.RunSQL(STATEMENTS, UNDONE),
    )
