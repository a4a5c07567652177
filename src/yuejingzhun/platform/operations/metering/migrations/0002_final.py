"""What an evaluation found, what was decided, what a test said: appended, never changed; a finished study is final."""

from django.db import migrations

APPENDED = ("districtresult", "suspect", "decision", "truth", "withdrawal", "meterlist", "sampledmeter")
STATEMENTS = """
CREATE FUNCTION evaluation_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL THEN
        RAISE EXCEPTION 'a finished evaluation is final' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.organisation_id, NEW.region, NEW.medium, NEW.first_day, NEW.days, NEW.last_day, NEW.mpe, NEW.threshold,
        NEW.commit, NEW.method, NEW.asked_at, NEW.asked_by_id)
       IS DISTINCT FROM
       (OLD.organisation_id, OLD.region, OLD.medium, OLD.first_day, OLD.days, OLD.last_day, OLD.mpe, OLD.threshold,
        OLD.commit, OLD.method, OLD.asked_at, OLD.asked_by_id)
       OR (OLD.prior IS NOT NULL AND NEW.prior IS DISTINCT FROM OLD.prior)
       OR (OLD.task_id IS NOT NULL AND NEW.task_id IS DISTINCT FROM OLD.task_id)
    THEN
        RAISE EXCEPTION 'what an evaluation is bound to is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER final BEFORE UPDATE ON metering_evaluation FOR EACH ROW EXECUTE FUNCTION evaluation_is_final();
CREATE TRIGGER no_delete BEFORE DELETE ON metering_evaluation FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION analysis_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL
       OR (NEW.evaluation_id, NEW.kind, NEW.arguments, NEW.meter_list_id, NEW.asked_at, NEW.asked_by_id)
          IS DISTINCT FROM
          (OLD.evaluation_id, OLD.kind, OLD.arguments, OLD.meter_list_id, OLD.asked_at, OLD.asked_by_id)
       OR (OLD.task_id IS NOT NULL AND NEW.task_id IS DISTINCT FROM OLD.task_id)
    THEN
        RAISE EXCEPTION 'a study is final' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER final BEFORE UPDATE ON metering_analysis FOR EACH ROW EXECUTE FUNCTION analysis_is_final();
CREATE TRIGGER no_delete BEFORE DELETE ON metering_analysis FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete BEFORE DELETE ON metering_workitem FOR EACH ROW EXECUTE FUNCTION refuse_change();
""" + "".join(
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON metering_{name} "
    "FOR EACH ROW EXECUTE FUNCTION refuse_change();\n"
    for name in APPENDED
)
UNDONE = (
    "".join(f"DROP TRIGGER append_only ON metering_{name};\n" for name in APPENDED)
    + """
DROP TRIGGER no_delete ON metering_workitem;
DROP TRIGGER no_delete ON metering_analysis;
DROP TRIGGER final ON metering_analysis;
DROP FUNCTION analysis_is_final();
DROP TRIGGER no_delete ON metering_evaluation;
DROP TRIGGER final ON metering_evaluation;
DROP FUNCTION evaluation_is_final();
"""
)


class Migration(migrations.Migration):
    dependencies = (("metering", "0001_initial"), ("audit", "0002_append_only"))
    operations = (migrations.RunSQL(STATEMENTS, UNDONE),)
