"""An application for the assessment of a standard, whose figures can be checked by hand."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

TODAY = date(2026, 11, 24)


def content(**changes: Any) -> dict[str, Any]:
    """An application: s = 0.1 sqrt(10 / 9), group means 10.00, 10.02, 9.99 and 10.01, so that the change is 0.03."""
    spread = ["9.9", "10.1"] * 5
    found = {
        "level": "PUBLIC_OTHER",
        "name": "演示电能表标准装置",
        "measuring_range": "1 kWh～100 kWh",
        "accuracy": "0.05 级",
        "expanded_uncertainty": "0.2",
        "unit": "%",
        "coverage_factor": "2",
        "traceable_to": "国家计量基准",
        "certificate": "CAL-1",
        "allowed_change": "0.05",
        "regulations": ["JJG 596-2012"],
        "items": [],
        "materials": [],
        "devices": [
            {
                "is_main": True,
                "name": "标准电能表",
                "model": "S-1",
                "serial": "0001",
                "certificate": "CAL-1",
                "valid_until": (TODAY + timedelta(days=300)).isoformat(),
            }
        ],
        "readings": spread,
        "groups": [
            {"on": f"2026-{month:02}-01", "readings": [mean] * 10}
            for month, mean in ((5, "10.00"), (7, "10.02"), (9, "9.99"), (11, "10.01"))
        ],
        "verification": {"method": "transfer", "results": [["10.00", "0.20"], ["10.15", "0.05"]]},
    }
    return deepcopy(found) | changes
