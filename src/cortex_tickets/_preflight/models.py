"""Checks of the models that the account lists: lifecycle, and whether they are reached from this region.

Source: https://docs.snowflake.com/en/sql-reference/sql/show-cortex-base-models, read 2026-11-25.
"""

from __future__ import annotations

from cortex_tickets._cortex.account import CROSS_REGION, NO_CROSS_REGION
from cortex_tickets._cortex.models import BaseModel, model_history
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import Verdict
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck

_ORDER = (CheckState.YES, CheckState.UNKNOWN, CheckState.NO)
_GLOBAL = "_GLOBAL"
_STAGES = {
    "GA": Verdict(CheckState.YES, "generally available"),
    "PUPR": Verdict(CheckState.YES, "public preview"),
    "PRPR": Verdict(CheckState.UNKNOWN, "private preview, which Snowflake enables account by account"),
    "LEGACY": Verdict(CheckState.UNKNOWN, "legacy: it answers only accounts that used it before"),
    "EOL": Verdict(CheckState.NO, "at its end of life: it answers nobody"),
}
_NO_STAGE = Verdict(CheckState.UNKNOWN, "no lifecycle stage is told")


def model_checks(findings: Findings) -> list[PreflightCheck]:
    """Return a check for each model that is listed, those that answer first; where none is, one that says why."""
    listed = findings.models.value
    if not listed:
        reason = "it was refused: " + findings.models.reason if listed is None else "it lists none for this role"
        return [
            PreflightCheck(
                group=CheckGroup.MODELS,
                name="base models",
                state=CheckState.UNKNOWN,
                evidence=f"SHOW CORTEX BASE MODELS: {reason}",
                advice="A model may answer all the same: give its name, and its refusal says what is wrong.",
            )
        ]
    checks = [_check(findings, model) for model in sorted(listed, key=lambda model: model.name)]
    return sorted(checks, key=lambda check: _ORDER.index(check.state))


def _check(findings: Findings, model: BaseModel) -> PreflightCheck:
    stage = _STAGES.get((model.lifecycle_status or "").upper(), _NO_STAGE)
    reach = _reach(findings, model)
    is_gone = stage.state is CheckState.NO
    states = (stage.state, reach.state)
    return PreflightCheck(
        group=CheckGroup.MODELS,
        name=model.name,
        state=next(state for state in reversed(_ORDER) if state in states),
        evidence="; ".join([_with_dates(stage, model), *([] if is_gone else [reach.evidence, _price(model)])]),
        advice=_advice(model, stage, reach),
    )


def _with_dates(stage: Verdict, model: BaseModel) -> str:
    dates = [f"legacy from {model.legacy_date}"] if model.legacy_date else []
    dates += [f"end of life {model.eol_date}"] if model.eol_date else []
    return f"{stage.evidence} ({', '.join(dates)})" if dates else stage.evidence


def _reach(findings: Findings, model: BaseModel) -> Verdict:
    region = findings.where.region
    setting = findings.cross_region.value
    if region is not None and region in model.regions:
        return Verdict(CheckState.YES, f"in {region} itself")
    if setting is not None and _is_reached(setting, model.cross_region_scopes):
        return Verdict(CheckState.YES, f"cross-region with {setting}")
    if region is None or setting is None or not (model.regions or model.cross_region_scopes):
        return Verdict(CheckState.UNKNOWN, "whether it is reached from this region is not told")
    return Verdict(CheckState.NO, f"not in {region}, and not reached with {CROSS_REGION} = {setting}")


def _is_reached(setting: str, scopes: frozenset[str]) -> bool:
    # A list of scopes that is not empty always has ANY_REGION.
    allowed = {part.strip() for part in setting.split(",")} - {NO_CROSS_REGION}
    clouds = tuple(part.removesuffix(_GLOBAL) + "_" for part in allowed if part.endswith(_GLOBAL))
    return bool(allowed & scopes) or any(scope.startswith(clouds) for scope in scopes)


def _price(model: BaseModel) -> str:
    price = packaged_prices().price(model.name)
    if price is None:
        return "price unknown"
    return f"AI credits per million tokens: {price.input:g} in, {price.output:g} out"


def _advice(model: BaseModel, stage: Verdict, reach: Verdict) -> str | None:
    history = model_history(model.name)
    if stage.state is not CheckState.YES and history is not None:
        return f"Use {' or '.join(history.instead)} instead."
    if stage.state is CheckState.YES and reach.state is CheckState.NO:
        if not model.cross_region_scopes:
            return "Use another model: this one is not reached from other regions."
        return (
            f"Ask an ACCOUNTADMIN to set {CROSS_REGION} to one of {', '.join(sorted(model.cross_region_scopes))}; "
            "texts are then processed there."
        )
    return None
