"""What training changes in a Keras model ↔ the engine's `State`: weights, the optimiser's arrays and its step count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinydigits.engine.compiler.plan import Plan, Rule
from tinydigits.engine.compiler.weights import Floats, pack, unpack
from tinydigits.engine.runtime.job import State
from tinydigits.formats.keras_bridge import array

if TYPE_CHECKING:
    import keras


def read_state(model: keras.Model, plan: Plan) -> State:
    """The state to train on from; an optimiser that never ran gets its arrays here, as Keras' own `fit` would."""
    model.optimizer.build(model.trainable_variables)
    slots = (pack(plan.trained_slots, arrays(group)) for group in slot_variables(model, plan.rule))
    averages = pack(plan.trained_slots, arrays(average_variables(model))) if model.optimizer.use_ema else None
    return State(read_weights(model, plan), tuple(slots), int(array(model.optimizer.iterations)), averages)


def read_weights(model: keras.Model, plan: Plan) -> Floats:
    """The weights that the model holds, which callbacks may have changed."""
    return pack(plan.slots, arrays(model.weights))


def write_state(model: keras.Model, plan: Plan, state: State) -> None:
    """The state back into the model and its optimiser, so that a second `fit`, by either engine, continues."""
    write_weights(model, plan, state.weights)
    for variables, slot in zip(slot_variables(model, plan.rule), state.slots, strict=True):
        assign(variables, unpack(plan.trained_slots, slot))
    if state.averages is not None:
        assign(average_variables(model), unpack(plan.trained_slots, state.averages))
    model.optimizer.iterations.assign(state.iterations)


def write_weights(model: keras.Model, plan: Plan, weights: Floats) -> None:
    assign(model.weights, unpack(plan.slots, weights))


def slot_variables(model: keras.Model, rule: Rule) -> list[list[Any]]:
    """The optimiser's own arrays, one list for each slot of the rule's kernel, in the order of the trained weights."""
    optimizer = model.optimizer
    match rule:
        case "adam":
            return [optimizer._momentums, optimizer._velocities]
        case "momentum" | "nesterov":
            return [optimizer.momentums]
        case "sgd":
            return []


def average_variables(model: keras.Model) -> list[Any]:
    """The optimiser's moving averages, in the order of the weights."""
    return list(model.optimizer._model_variables_moving_average)


def assign(variables: list[Any], values: list[Floats]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def arrays(variables: list[Any]) -> list[Floats]:
    return [array(variable) for variable in variables]
