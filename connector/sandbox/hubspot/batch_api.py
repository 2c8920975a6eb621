"""Batches of up to a hundred: all or nothing, or piece by piece where every input can be traced."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connector.sandbox.hubspot import writes
from connector.sandbox.hubspot.call import Answer, Call, properties_of
from connector.sandbox.hubspot.errors import HubSpotError, invalid, missing_objects, required
from connector.sandbox.hubspot.inline_links import link, understand
from connector.sandbox.hubspot.kinds import CONTACTS
from connector.sandbox.hubspot.records import Record
from connector.sandbox.hubspot.shapes import is_whole, text, texts
from connector.sandbox.hubspot.stamps import stamp
from connector.sandbox.hubspot.views import View, written

MAX_WITH_HISTORY = 50
Input = Mapping[str, Any]
Body = dict[str, Any]
Write = Callable[[], Body]


def read(call: Call) -> Answer:
    """POST …/batch/read: what was not found is one entry that lists the ids."""
    body, inputs = call.body, call.inputs()
    history = texts(body.get("propertiesWithHistory"))
    if history and len(inputs) > MAX_WITH_HISTORY:
        raise invalid(
            "The maximum number of inputs supported in a batch request for property histories is "
            f"{MAX_WITH_HISTORY}"
        )
    keys = list(dict.fromkeys(_key(each) for each in inputs))
    found = {key: call.table.find(key, text(body.get("idProperty"))) for key in keys}
    records = {record.id: record for record in found.values() if record}
    view = View(call, texts(body.get("properties")), history)
    lost = [key for key, record in found.items() if record is None]
    errors = [missing_objects(call.kind.singular, lost)] if lost else []
    return answer(call, 200, _mixed([view(record) for record in records.values()]), errors)


def create(call: Call) -> Answer:
    """POST …/batch/create."""
    inputs = call.inputs()
    _no_twins(
        text(properties_of(each)[name]).lower()
        for name in call.table.unique
        for each in inputs
        if properties_of(each).get(name)
    )
    return _perform(call, inputs, lambda each: _creation(call, each), 201)


def _creation(call: Call, each: Input) -> Write:
    values = writes.check(call.portal, call.table, properties_of(each))
    writes.check_fits(call.portal, call.table, values, None)
    wanted = understand(call, each.get("associations"))

    def write() -> Body:
        record = writes.create(call.portal, call.table, values, call.source)
        link(call, record, wanted)
        return written(call, record, values, created=True)

    return write


def update(call: Call) -> Answer:
    """POST …/batch/update: unknown ids are listed, ids of merged-away records are silently left out."""
    inputs = call.inputs()
    id_property = _shared_id_property(call, inputs)
    _no_twins(_key(each) for each in inputs)
    merged = call.table.merged
    kept = [each for each in inputs if not (is_whole(_key(each)) and int(_key(each)) in merged)]
    found = [(each, call.table.find(_key(each), id_property)) for each in kept]
    lost = [each for each, record in found if record is None]
    known = {id(each): record for each, record in found if record}
    errors = [_lost(call, lost)] if lost else []
    present = [each for each in kept if id(each) in known]
    return _perform(call, present, lambda each: _change(call, known[id(each)], each), 200, errors)


def _lost(call: Call, inputs: Sequence[Input]) -> Body:
    entry = missing_objects(call.kind.singular, [_key(each) for each in inputs])
    traces = [trace for trace in map(_trace_id, inputs) if trace]
    if traces:
        entry["context"]["objectWriteTraceId"] = traces
    return entry


def _change(call: Call, record: Record, each: Input) -> Write:
    values = writes.check(call.portal, call.table, properties_of(each))
    writes.check_fits(call.portal, call.table, values, record)

    def write() -> Body:
        writes.update(call.portal, call.table, record, values, call.source)
        return written(call, record, values, created=False)

    return write


def upsert(call: Call) -> Answer:
    """POST …/batch/upsert: by one unique property for all inputs; never in part when that is the e-mail."""
    inputs = call.inputs()
    names = {text(each.get("idProperty")) for each in inputs}
    name = next(iter(names))
    if len(names) > 1 or not name:
        raise invalid("All inputs of an upsert must have the same idProperty")
    if name not in call.table.unique:
        raise _not_unique(call, name)
    _no_twins(_key(each).lower() for each in inputs)
    return _perform(call, inputs, lambda each: _upsertion(call, name, each), 200, whole=name == "email")


def _upsertion(call: Call, name: str, each: Input) -> Write:
    record = call.table.find(_key(each), name)
    named = {**each, "properties": {name: _key(each), **properties_of(each)}}
    write = _change(call, record, named) if record else _creation(call, named)
    return lambda: write() | {"new": record is None}


def archive(call: Call) -> Answer:
    """POST …/batch/archive: always 204; ids that are not there are passed over."""
    for each in call.inputs():
        record = call.table.find(_key(each))
        if record:
            writes.archive(call.portal, call.table, record)
    return Answer(204)


def _perform(
    call: Call,
    inputs: Sequence[Input],
    prepare: Callable[[Input], Write],
    status: int,
    errors: Iterable[Body] = (),
    *,
    whole: bool = False,
) -> Answer:
    """Check every input, then write; the first bad one spoils all, unless each has its own trace id."""
    _fail_batch(call)
    errors, good = list(errors), []
    in_part = not whole and _traceable(inputs)
    for each in inputs:
        try:
            good.append((each, prepare(each)))
        except HubSpotError as error:
            if not in_part:
                raise
            errors.append(error.entry(objectWriteTraceId=[_trace_id(each)]))
    results = []
    for each, write in good:
        failed = _failed_row(call, each)
        if failed:
            errors.append(failed)
        else:
            results.append(write() | _trace(each))
    return answer(call, status, _mixed(results), errors)


def _traceable(inputs: Sequence[Input]) -> bool:
    traces = [_trace_id(each) for each in inputs]
    return all(traces) and len(set(traces)) == len(traces)


def _trace(each: Input) -> Body:
    trace = _trace_id(each)
    return {"objectWriteTraceId": trace} if trace else {}


def _trace_id(each: Input) -> str:
    return text(each.get("objectWriteTraceId"))


def _fail_batch(call: Call) -> None:
    fault = call.fault("batch_fail")
    if fault:
        status = int(fault.params.get("status", "500"))
        raise HubSpotError(status, fault.params.get("reason", "internal error"), fault.params.get("category"))


def _failed_row(call: Call, each: Input) -> Body | None:
    key = text(each.get("id"))
    fault = call.fault("row_fail", record=key)
    if fault is None:
        return None
    reason = fault.params.get("reason", "There was a problem with this object.")
    context = {"ids": [key]} | {name: [value] for name, value in _trace(each).items()}
    return HubSpotError(400, reason, fault.params.get("category")).entry(**context)


def answer(call: Call, status: int, results: list[Body], errors: Sequence[Body]) -> Answer:
    """The batch envelope: 207 where there are errors; 2026-09 keeps the status of a success."""
    at = stamp(call.now)
    body: Body = {"status": "COMPLETE", "results": results}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
        status = status if call.version == "2026-09" else 207
    return Answer(status, body | {"startedAt": at, "completedAt": at})


def _mixed(results: list[Body]) -> list[Body]:
    """HubSpot's results do not come in the order of the inputs: the same mix for the same ids."""
    mixed = sorted(results, key=lambda each: int(each["id"]) * 2654435761 % 2**32)
    return mixed[::-1] if mixed == results else mixed


def _key(each: Input) -> str:
    key = text(each.get("id"))
    if not key:
        raise required("id")
    return key


def _no_twins(keys: Iterable[str]) -> None:
    twins = [key for key, times in Counter(keys).items() if times > 1]
    if twins:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique",
            context={"ids": twins},
        )


def _shared_id_property(call: Call, inputs: Sequence[Input]) -> str:
    names = {text(each.get("idProperty")) for each in inputs}
    name = next(iter(names))
    if len(names) > 1:
        raise invalid("All inputs of a batch must have the same idProperty")
    if name and (name not in call.table.unique or (call.kind is CONTACTS and name == "email")):
        raise _not_unique(call, name)
    return name


def _not_unique(call: Call, name: str) -> HubSpotError:
    return invalid(
        f"Unable to perform update/upsert by non-unique {call.kind.type_id} property {name} "
        f"in portal ID {call.portal.portal_id}"
    )
