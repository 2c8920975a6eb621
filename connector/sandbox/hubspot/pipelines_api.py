"""Pipelines and their stages."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.pipelines import STAGES, Pipeline, Stage
from connector.sandbox.hubspot.shapes import number, text, thing, things

CLOSING = ("0", "0.0", "1", "1.0")


def pipelines(call: Call) -> Answer:
    """GET …/pipelines/{type}."""
    return Answer(200, {"results": [each.body() for each in call.portal.pipelines[call.kind.name].values()]})


def get_pipeline(call: Call) -> Answer:
    """GET …/pipelines/{type}/{id}."""
    return Answer(200, _pipeline(call).body())


def stages(call: Call) -> Answer:
    """GET …/pipelines/{type}/{id}/stages."""
    return Answer(200, {"results": _pipeline(call).body()["stages"]})


def _pipeline(call: Call) -> Pipeline:
    pipeline = call.portal.pipelines[call.kind.name].get(call.params["id"])
    if pipeline is None:
        raise HubSpotError(404, "resource not found", "OBJECT_NOT_FOUND")
    return pipeline


def create_pipeline(call: Call) -> Answer:
    """POST …/pipelines/{type}."""
    body = call.body
    if call.kind.name not in STAGES:
        raise invalid(f"{call.kind.type_id} has no pipelines")
    if not body.get("label") or body.get("stages") is None:
        raise required("label", "stages")
    pipeline_id = text(body.get("pipelineId")) or str(call.table.new_id())
    pipeline = Pipeline(pipeline_id, text(body["label"]), number(body.get("displayOrder")), call.now)
    for each in things(body["stages"]):
        stage = _stage(call, each)
        pipeline.stages[stage.id] = stage
    call.portal.add_pipeline(call.kind, pipeline)
    return Answer(201, pipeline.body())


def create_stage(call: Call) -> Answer:
    """POST …/pipelines/{type}/{id}/stages."""
    pipeline, stage = _pipeline(call), _stage(call, call.body)
    pipeline.stages[stage.id] = stage
    call.portal.refresh_stages(call.kind)
    return Answer(201, stage.body())


def _stage(call: Call, body: Mapping[str, Any]) -> Stage:
    metadata = {name: text(value) for name, value in thing(body.get("metadata") or {}).items()}
    if not body.get("label"):
        raise required("label")
    if call.kind.name == "deals":
        if "probability" not in metadata:
            raise invalid("Deal stages must have a probability between 0.0 and 1.0 in their metadata")
        metadata["isClosed"] = str(metadata["probability"] in CLOSING).lower()
    stage_id = text(body.get("stageId")) or str(call.table.new_id())
    return Stage(stage_id, text(body["label"]), number(body.get("displayOrder")), metadata, call.now)
