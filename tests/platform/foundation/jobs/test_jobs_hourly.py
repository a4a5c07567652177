"""What apps do once an hour: all of it, whatever one of them does."""

from yuejingzhun.platform.foundation.jobs import registry
from yuejingzhun.platform.foundation.jobs.tasks import HOURLY, blueprint, queued_hourly


def test_a_failure_does_not_hold_up_the_others(monkeypatch) -> None:
    done: list[str] = []

    def broken() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(registry, "_hourly", {})
    registry.hourly("a", broken)
    registry.hourly("b", lambda: done.append("b"))
    assert queued_hourly(0) == ["a"] and done == ["b"]


def test_it_is_asked_for_every_hour_and_metering_is_among_it() -> None:
    assert HOURLY in blueprint.tasks
    import yuejingzhun.platform.operations.metering.tasks  # noqa: F401 - what a worker loads at its start

    assert "metering-flow-back" in registry.hourly_works()
