"""Hooks of scripts/schemathesis: what is sent as the description says is made into something that can be done.

A name that comes twice, a time long ago or a reservation that there is not are all as described, and refused all the same.
What is sent to be refused is left as it is, and so is what no rule here is about.
"""

import itertools
import json
import os
import uuid
from datetime import datetime, timezone

import schemathesis

# What stands in the data of the other organization: the description's examples are not to bring it into this one's.
FOREIGN = os.environ["FOREIGN"]
# What there is for many: others are soon used up, or are not in every plan.
PLENTY = ("concurrent_requests", "memory", "requests_per_day")
STORED = ("data_size", "file_count")

RESERVATIONS = "/api/v1/quotas/reservations"
# What was answered: reservations and their amounts, where lists go on, and what is in them.
amounts, waiting, following, known = {}, [], {}, {}
turns = itertools.count()


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def fresh():
    return str(uuid.uuid4())


def one(amount):
    return "1" if isinstance(amount, str) else 1


def reserve(case, body):
    wanted = {metric: one(amount) for metric, amount in body["amounts"].items() if metric in PLENTY}
    body["amounts"] = wanted or {"concurrent_requests": 1}
    if body.get("key") is not None:
        body["key"] = fresh()
        case.headers.pop("Idempotency-Key", None)


def settle(case, body):
    held = amounts.get(case.path_parameters["reservation"], {})
    if "amounts" in body:
        body["amounts"] = {metric: amount for metric, amount in held.items() if metric in body["amounts"]}


def record(_, body):
    for event in body["events"]:
        event.update(id=fresh(), at=now(), amount=one(event["amount"]))
        if event["metric"] not in STORED:
            event.pop("freed", None)


def ingest(_, body):
    for event in body["events"]:
        event["id"] = fresh()
        if event.get("occurred_at") is not None:
            event["occurred_at"] = now()


def invite(_, body):
    body.update(email=f"{fresh()}@invited.example", role="member")


BODIES = {
    RESERVATIONS: reserve,
    RESERVATIONS + "/{reservation}/settle": settle,
    "/api/v1/usage/events": record,
    "/api/v1/audit/events": ingest,
    "/api/v1/invitations": invite,
}


def without_foreign(value):
    if isinstance(value, str):
        return value.replace(FOREIGN, "examples.example")
    if isinstance(value, list):
        return [without_foreign(each) for each in value]
    if isinstance(value, dict):
        return {name: without_foreign(each) for name, each in value.items()}
    return value


def choose(case):
    """Takes what there is for the parameters of an address: every other time, so that what there is not is asked for, too."""
    for name in case.path_parameters or {}:
        if name == "reservation":
            if case.path_parameters[name] not in amounts and waiting:
                case.path_parameters[name] = waiting.pop()
        elif name in known and next(turns) % 2:
            case.path_parameters[name] = known[name]


@schemathesis.hook
def before_call(context, case, kwargs):
    as_described = case.meta is not None and case.meta.generation.mode.value == "positive"
    case.body = without_foreign(case.body)
    if not as_described:
        return
    choose(case)
    if case.query and "next" in case.query:
        del case.query["next"]
        if following.get(case.operation.path):
            case.query["next"] = following[case.operation.path]
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = fresh()
    if case.method.upper() == "POST" and isinstance(case.body, dict) and case.operation.path in BODIES:
        BODIES[case.operation.path](case, case.body)


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code not in (200, 201):
        return
    try:
        body = json.loads(response.content)
    except ValueError:
        return
    path = case.operation.path
    if response.status_code == 201 and path == RESERVATIONS:
        amounts[body["id"]] = body["amounts"]
        waiting.append(body["id"])
    if case.method.upper() == "GET" and body.get("items"):
        following[path] = body.get("next")
        for name, field in (("member", "id"), ("index", "index")):
            if path == {"member": "/api/v1/members", "index": "/api/v1/audit/events"}[name]:
                known[name] = body["items"][0][field]
