"""The population view: errors by maker, model, batch and age, the life of meters, lots to be inspected."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.special import ndtr

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.group_share import bayes_factor
from yuejingzhun.metrology.fleet.lifetime import (
    StatusTable,
    fit_status,
    group_lives,
    group_share_beyond,
    share_beyond,
    tabulate,
)
from yuejingzhun.metrology.fleet.lots import ALL, form_lots, plan_lots
from yuejingzhun.metrology.fleet.marginal import marginal
from yuejingzhun.metrology.fleet.population import bad_groups, describe
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.sampling.in_service import LimitingQualityScheme
from yuejingzhun.metrology.sampling.life import quantile
from yuejingzhun.platform.operations.metering.fleet_columns import Fleet, Words, together

MOST_SHOWN = 200  # groups of one kind, and lots
AGES = tuple(range(1, 21))
YOUNGEST = 0.5  # years: an age of nothing has no logarithm
FUTURE_SHARE = 0.05  # beyond the MPE: the age at which so many are


def population(fleet: Fleet, on: date, arguments: dict[str, Any]) -> dict[str, Any]:
    """All of it, for the page."""
    limit = float(arguments["limit"])
    ages = fleet.ages((on - date(1970, 1, 1)).days)
    groupings = {
        "制造单位": fleet.words["maker"],
        "型号": together(fleet, ("maker", "model")),
        "批次": together(fleet, ("maker", "model", "batch")),
        "使用年限": _by_age(ages),
    }
    return {
        "meters": len(fleet),
        "known": int((np.array(fleet.words["maker"].names)[fleet.words["maker"].code] != "").sum()),
        "groupings": [{"title": title} | _described(fleet, words, limit) for title, words in groupings.items()],
        "life": _life(fleet, ages, groupings["型号"]),
        "lots": _lots(fleet, arguments),
    }


def prior_share(prior: Prior, mpe: float) -> float:
    """Share of meters beyond the MPE that a prior holds."""
    lower, upper = -mpe / (1 - mpe), mpe / (1 + mpe)
    tails = ndtr((lower - prior.means) / prior.spreads) + ndtr((prior.means - upper) / prior.spreads)
    return float((prior.weights * tails).sum())


def exceeding(fleet: Fleet) -> np.ndarray:
    """The stated probability of every meter."""
    return np.asarray(marginal(fleet.prior, fleet.mean, fleet.variance, fleet.mpe).exceeds)


def _by_age(ages: np.ndarray) -> Words:
    years = np.where(np.isnan(ages), -1, np.floor(np.nan_to_num(ages))).astype(np.int64)
    found, code = np.unique(years, return_inverse=True)
    return Words(code.astype(np.int64), ["" if year < 0 else f"{year}～{year + 1} 年" for year in found.tolist()])


def _described(fleet: Fleet, words: Words, limit: float) -> dict[str, Any]:
    found = describe(words.code, fleet.mean, fleet.variance, fleet.prior, fleet.mpe)
    named = {int(group): place for place, group in enumerate(bad_groups(found, limit))}
    above = found.probability_above(limit)
    order = sorted(range(len(words.names)), key=lambda group: (-float(above[group]), -float(found.share[group])))
    rows = [
        {
            "name": words.of(group),
            "meters": int(found.meters[group]),
            "mean": float(found.mean[group]),
            "mean_u": float(found.mean_u[group]),
            "spread": float(found.spread[group]),
            "share": float(found.share[group]),
            "low": float(found.share_low[group]),
            "high": float(found.share_high[group]),
            "above": float(above[group]),
            "named": group in named,
        }
        for group in order[:MOST_SHOWN]
        if found.meters[group]
    ]
    return {"rows": rows, "groups": len(words.names), "named": len(named)}


def _life(fleet: Fleet, ages: np.ndarray, models: Words) -> dict[str, Any]:
    known = ~np.isnan(ages)
    if known.sum() < 2:
        return {"problem": "档案里没有生产日期，不能估计寿命"}
    factor = bayes_factor(exceeding(fleet)[known], prior_share(fleet.prior, fleet.mpe))
    age = np.maximum(np.round(ages[known]), YOUNGEST)
    table = tabulate(models.code[known], age, factor, len(models.names))
    try:
        fleet_life = fit_status(table)
    except ArgumentError as error:
        return {"problem": error.reason}
    share, low, high = share_beyond(fleet_life, np.array(AGES, dtype=np.float64))
    return {
        "curve": [
            {"age": years, "share": float(a), "low": float(b), "high": float(c)}
            for years, a, b, c in zip(AGES, share, low, high, strict=True)
        ],
        "age_of_share": float(quantile(fleet_life, FUTURE_SHARE)),
        "of_share": FUTURE_SHARE,
        "oldest": float(age.max()),
        "models": _lives_of_models(table, fleet_life, models),
    }


def _lives_of_models(table: StatusTable, life: Any, models: Words) -> list[dict[str, Any]]:
    lives = group_lives(table, life)
    shares = {years: group_share_beyond(lives, float(years)) for years in (8, 12)}
    counted = np.bincount(table.group, table.count, len(models.names))
    order = np.argsort(-shares[8][0], kind="stable")
    return [
        {
            "name": models.of(int(group)),
            "meters": int(counted[group]),
            "ages": [
                {"age": years, "share": float(a[group]), "low": float(b[group]), "high": float(c[group])}
                for years, (a, b, c) in shares.items()
            ],
        }
        for group in order[:MOST_SHOWN]
        if counted[group]
    ]


def _lots(fleet: Fleet, arguments: dict[str, Any]) -> dict[str, Any]:
    """Lots of one maker, model, year and region, each with its plan."""
    days = fleet.made_on.astype("datetime64[D]")
    years = np.where(fleet.made_on >= 0, days.astype("datetime64[Y]").astype(np.int64) + 1970, 0)
    region, maker, model = (fleet.words[name] for name in ("region", "maker", "model"))
    lots = form_lots(maker.code, model.code, years, region.code, int(arguments["least_lot"]))
    scheme = LimitingQualityScheme(Decimal(arguments["limiting_quality"]))
    plans = plan_lots(lots, scheme.plan)
    rows = [
        {
            "name": f"{maker.of(key[0])} {model.of(key[1])}",
            "year": "合并" if key[2] == ALL else str(key[2]) if key[2] else "未知",
            "region": "合并" if key[3] == ALL else region.of(key[3]),
            "size": plan.size,
            "plan": plan.text.partition("：")[2],
        }
        for key, plan in zip(lots.key.tolist(), plans, strict=True)
    ]
    largest: Sequence[dict[str, Any]] = sorted(rows, key=lambda row: -row["size"])[:MOST_SHOWN]
    tested = sum(plan.plan.sample_size if plan.plan is not None else plan.size for plan in plans)
    return {"rows": list(largest), "lots": len(rows), "tested": tested}
