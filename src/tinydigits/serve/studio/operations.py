"""The OpenAPI operations of trainings."""

from collections.abc import Mapping
from typing import Any

from tinydigits.recipes.recipe import RECIPES
from tinydigits.serve.operations import STRING, Schema, answer, array, query, record
from tinydigits.serve.studio.order import MOST_BATCH, MOST_EPOCHS, MOST_RATE, MOST_SEED, MOST_SEEDS
from tinydigits.serve.studio.training import State

NAME: Schema = {"enum": list(RECIPES)}
SETTINGS: Mapping[str, Schema] = {
    "epochs": {"type": "integer", "minimum": 1, "maximum": MOST_EPOCHS},
    "batch_size": {"type": "integer", "minimum": 1, "maximum": MOST_BATCH},
    "learning_rate": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_RATE},
    "seed": {"type": "integer", "minimum": 0, "maximum": MOST_SEED},
    "seeds": {"type": "integer", "minimum": 1, "maximum": MOST_SEEDS},
}
RECIPE = record(recipe=NAME, **SETTINGS, parameters={"type": ["integer", "null"]})
TRAINING = record(
    id=STRING,
    folder=STRING,
    recipe=NAME,
    **SETTINGS,
    state={"enum": list(State)},
    seconds={"type": "number", "minimum": 0},
    fraction={"type": "number", "minimum": 0, "maximum": 1},
    message={"type": ["string", "null"]},
    report={"type": ["object", "null"], "description": "What `tinydigits train --json` prints, at the end."},
)
EVENT = record(id=STRING, event={"enum": ["part", "epoch", "state", "note"]}, data=STRING)
CONFLICT = "Another training is under way, or this one is not in a state for that."

RECIPES_LISTED: Mapping[str, Any] = {
    "operationId": "recipes",
    "summary": "List what can be trained, with the settings of each recipe",
    "responses": {"200": answer(record(recipes=array(RECIPE)))},
}
TRAININGS: Mapping[str, Any] = {
    "operationId": "trainings",
    "summary": "List the trainings that were ordered from this server, the newest first",
    "responses": {"200": answer(record(trainings=array(TRAINING)))},
}
TRAIN: Mapping[str, Any] = {
    "operationId": "train",
    "summary": "Begin a training on MNIST, in a process of its own, into a new run folder",
    "description": "What is left out is as the recipe has it. Several seeds are trained at once, one a core.",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {**record(SETTINGS, recipe=NAME), "additionalProperties": False}}},
    },
    "responses": {
        "201": answer(TRAINING),
        "409": CONFLICT,
        "415": "A body of another kind.",
    },
}
TRAINING_STATE: Mapping[str, Any] = {
    "operationId": "training",
    "summary": "Say how far a training is",
    "responses": {"200": answer(TRAINING)},
}
EVENTS: Mapping[str, Any] = {
    "operationId": "events",
    "summary": "Tell of a training while it goes on, as server-sent events",
    "description": "`part` and `epoch` have a seed, how many epochs it is at, loss and accuracy; `state` has what "
    "changed; `note` has words. Each is sent once: a client that names the last event it got goes on after it. The "
    "stream ends with the training.",
    "parameters": [
        query("after", {"type": "integer", "minimum": 0, "maximum": 999_999_999}, "The last event that was received."),
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
            "description": "The same, as browsers send it.",
        },
    ],
    "responses": {"200": answer(EVENT, "Events, one after the other.", "text/event-stream")},
}
STOP: Mapping[str, Any] = {
    "operationId": "stop",
    "summary": "Stop a training; its state after the last whole epoch is kept",
    "responses": {"200": answer(TRAINING), "409": CONFLICT},
}
RESUME: Mapping[str, Any] = {
    "operationId": "resume",
    "summary": "Go on with a training that was stopped or has failed, from its last whole epoch",
    "responses": {"200": answer(TRAINING), "409": CONFLICT},
}
DISCARD: Mapping[str, Any] = {
    "operationId": "discard",
    "summary": "Forget a training that has ended, and remove what it needs to go on; a finished run stays",
    "responses": {"200": answer(TRAINING), "409": CONFLICT},
}
