"""Checks of whether a fine-tune job can start: a feature on its way out, and closed to accounts that are new to it.

Source: https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning and
https://docs.snowflake.com/en/release-notes/bcr-bundles/un-bundled/bcr-august-model-deprecations, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cortex.ai_functions import CORTEX_USER
from cortex_tickets._cortex.models import fine_tuning_limits, fine_tuning_notice
from cortex_tickets._preflight.ai_access import database_role
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import Verdict, holds
from cortex_tickets._preflight.needed import Holder
from cortex_tickets.errors import AccessDeniedError
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck

_CLOUDS = ("AWS_", "AZURE_", "GCP_")
_CREATE_MODEL = "CREATE MODEL"
_OF_THE_ROLE = (CORTEX_USER, _CREATE_MODEL)
_DID_START = (FineTuneState.RUNNING, FineTuneState.SUCCESS)
_ALTERNATIVES = (
    "Without fine-tuning: EmbeddingStudent, TicketClassifier with a small model and a rich prompt, or AI_CLASSIFY. "
    "Snowflake's successor is Cortex Training."
)


def fine_tuning_checks(findings: Findings, models: Sequence[PreflightCheck]) -> list[PreflightCheck]:
    """Return checks of the function, the region, each base model, and of all together.

    Args:
        findings: What was told.
        models: The checks of the models that the account lists.
    """
    function, region = _function(findings), _region(findings)
    checks = [
        _check("FINETUNE", function, "It needs SNOWFLAKE.CORTEX_USER, and a region that has it."),
        _check("training region", region, "A job runs in the account's own region only."),
    ]
    for base_model in fine_tuning_limits().base_models:
        parts = {
            "FINETUNE": function,
            "training region": region,
            f"base model {base_model}": _base_model(findings, base_model, models),
            CORTEX_USER: database_role(findings, CORTEX_USER),
            _CREATE_MODEL: holds(findings, Holder.SCHEMA, (_CREATE_MODEL,), of_own_role=True),
        }
        checks.append(_check(f"fine-tuning {base_model}", _overall(findings, base_model, parts), _ALTERNATIVES))
    return checks


def _function(findings: Findings) -> Verdict:
    jobs, refusal = findings.jobs.value, findings.jobs.refusal
    if jobs is not None:
        return Verdict(CheckState.YES, f"FINETUNE('SHOW') answers; jobs listed: {len(jobs)}")
    state = CheckState.NO if isinstance(refusal, AccessDeniedError) else CheckState.UNKNOWN
    return Verdict(state, f"FINETUNE('SHOW') was refused: {findings.jobs.reason}")


def _region(findings: Findings) -> Verdict:
    region = findings.where.region
    regions = fine_tuning_notice().training_regions
    if region is None:
        return Verdict(CheckState.UNKNOWN, f"the session does not tell its region: {findings.place.reason}")
    if region in regions:
        return Verdict(CheckState.YES, f"{region} is one of {len(regions)} regions where training runs")
    if region.startswith(_CLOUDS):
        return Verdict(CheckState.NO, f"training runs in {', '.join(regions)}, not in {region}")
    return Verdict(CheckState.UNKNOWN, f"{region} is no region that the documentation names")


def _base_model(findings: Findings, name: str, models: Sequence[PreflightCheck]) -> Verdict:
    found = next((check for check in models if check.name == name), None)
    if found is not None:
        return Verdict(found.state, found.evidence)
    if findings.models.value:
        return Verdict(CheckState.NO, "the account does not list it for this role")
    return Verdict(CheckState.UNKNOWN, "the account lists no models")


def _overall(findings: Findings, base_model: str, parts: dict[str, Verdict]) -> Verdict:
    notice = fine_tuning_notice()
    retiring = f"deprecation announced for {notice.retirement}"
    missing = [f"{name}: {part.evidence}" for name, part in parts.items() if part.state is CheckState.NO]
    if missing:
        return Verdict(CheckState.NO, "; ".join([*missing, retiring]))
    open_ones = {name: part for name, part in parts.items() if part.state is CheckState.UNKNOWN}
    ran = _jobs_that_ran(findings.jobs.value or [], base_model)
    if ran is None:
        told = [f"{name}: {part.evidence}" for name, part in open_ones.items()]
        told.append(
            f"an account that never tuned it before {notice.legacy_since.isoformat()} may be refused, and no job that "
            "is listed shows that this one did"
        )
        return Verdict(CheckState.UNKNOWN, "; ".join([*told, retiring]))
    # A job that ran here answers for the account and its region, not for this role.
    told = [f"{name}: {part.evidence}" for name, part in open_ones.items() if name in _OF_THE_ROLE]
    return Verdict(CheckState.UNKNOWN if told else CheckState.YES, "; ".join([ran, *told, retiring]))


def _jobs_that_ran(jobs: Sequence[FineTuneStatus], base_model: str) -> str | None:
    """Return what shows that this account can tune the model, or `None`: the jobs of it that ran."""
    ran = [job for job in jobs if job.state in _DID_START and (job.base_model or "").lower() == base_model]
    if not ran:
        return None
    when = max((job.created_at for job in ran if job.created_at is not None), default=None)
    last = "" if when is None else f", the last on {when:%Y-%m-%d}"
    return f"jobs of {base_model} that ran here: {len(ran)}{last}"


def _check(name: str, verdict: Verdict, advice: str) -> PreflightCheck:
    return PreflightCheck(
        group=CheckGroup.FINE_TUNING,
        name=name,
        state=verdict.state,
        evidence=verdict.evidence,
        advice=None if verdict.state is CheckState.YES else advice,
    )
