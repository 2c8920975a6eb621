"""Pipelines and their stages, for deals, leads and the custom object."""

from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.kinds import REGISTRATIONS
from connector.sandbox.hubspot.stamps import stamp


@dataclass(frozen=True)
class StageNames:
    """The properties in which records of one type keep their pipeline and stage."""

    pipeline: str
    stage: str
    default: str


STAGES = {
    "deals": StageNames("pipeline", "dealstage", "default"),
    "leads": StageNames("hs_pipeline", "hs_pipeline_stage", "lead-pipeline-id"),
    REGISTRATIONS.name: StageNames("hs_pipeline", "hs_pipeline_stage", "640815001"),
}


@dataclass
class Stage:
    """One stage of a pipeline; deals carry their chance of winning in the metadata."""

    id: str
    label: str
    order: int
    metadata: dict[str, str]
    created_at: int

    def body(self) -> dict[str, Any]:
        """The stage as the pipelines API answers it."""
        return {
            "label": self.label,
            "displayOrder": self.order,
            "metadata": self.metadata,
            "id": self.id,
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.created_at),
            "archived": False,
        }


@dataclass
class Pipeline:
    """A pipeline of one object type."""

    id: str
    label: str
    order: int
    created_at: int
    stages: dict[str, Stage] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The pipeline with all its stages, as the pipelines API answers it."""
        return {
            "label": self.label,
            "displayOrder": self.order,
            "id": self.id,
            "stages": [stage.body() for stage in sorted(self.stages.values(), key=lambda each: each.order)],
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.created_at),
            "archived": False,
        }


def deal_stage(name: str, label: str, order: int, probability: float, at: int) -> Stage:
    """A deal stage; a chance of exactly 1 or 0 closes the deal."""
    metadata = {"isClosed": str(probability in (0.0, 1.0)).lower(), "probability": str(probability)}
    return Stage(name, label, order, metadata, at)


def _deals(pipeline_id: str, label: str, order: int, at: int, *stages: tuple[str, str, float]) -> Pipeline:
    made = [
        deal_stage(name, words, number, chance, at) for number, (name, words, chance) in enumerate(stages)
    ]
    return Pipeline(pipeline_id, label, order, at, {stage.id: stage for stage in made})


def _leads(at: int) -> Pipeline:
    names = (
        ("new-stage-id", "New", "NEW"),
        ("attempting-stage-id", "Attempting", "IN_PROGRESS"),
        ("connected-stage-id", "Connected", "IN_PROGRESS"),
        ("qualified-stage-id", "Qualified", "QUALIFIED"),
        ("unqualified-stage-id", "Unqualified", "UNQUALIFIED"),
    )
    stages = [
        Stage(name, label, number, {"leadState": state}, at)
        for number, (name, label, state) in enumerate(names)
    ]
    return Pipeline("lead-pipeline-id", "Lead pipeline", 0, at, {stage.id: stage for stage in stages})


REGISTRATION_LABELS = (
    "Submitted",
    "In review",
    "Returned",
    "Approved",
    "Rejected",
    "Conflict",
    "Expired",
    "Converted",
    "Withdrawn",
)


def _registrations(at: int) -> Pipeline:
    """Stages of a custom object have numbers for ids, and say nothing of winning."""
    stages = [Stage(str(941100100 + n), label, n, {}, at) for n, label in enumerate(REGISTRATION_LABELS)]
    return Pipeline("640815001", "Partner programme", 0, at, {stage.id: stage for stage in stages})


def standard_pipelines(at: int) -> dict[str, dict[str, Pipeline]]:
    """The sales pipeline that every portal has, and those of deal registration and of leads."""
    sales = _deals(
        "default",
        "Sales Pipeline",
        0,
        at,
        ("appointmentscheduled", "Appointment Scheduled", 0.2),
        ("qualifiedtobuy", "Qualified To Buy", 0.4),
        ("presentationscheduled", "Presentation Scheduled", 0.6),
        ("decisionmakerboughtin", "Decision Maker Bought-In", 0.8),
        ("contractsent", "Contract Sent", 0.9),
        ("closedwon", "Closed Won", 1.0),
        ("closedlost", "Closed Lost", 0.0),
    )
    registration = _deals(
        "deal-registration",
        "Deal registration",
        1,
        at,
        ("registration-submitted", "Submitted", 0.1),
        ("registration-under-review", "In review", 0.2),
        ("registration-returned", "Returned", 0.1),
        ("registration-conflict", "Conflict", 0.1),
        ("registration-approved", "Approved", 0.5),
        ("registration-rejected", "Rejected", 0.0),
        ("registration-withdrawn", "Withdrawn", 0.0),
        ("registration-expired", "Expired", 0.0),
        ("registration-converted", "Converted", 1.0),
    )
    leads, registrations = _leads(at), _registrations(at)
    return {
        "deals": {each.id: each for each in (sales, registration)},
        "leads": {leads.id: leads},
        REGISTRATIONS.name: {registrations.id: registrations},
    }
