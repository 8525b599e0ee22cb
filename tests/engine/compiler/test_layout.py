"""What stays with a strip of images over a barrier, and what is made again."""

from helpers.networks import normalized_network, odd_network
from tinydigits.engine.compiler import layout
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.compiler.steps import Convolution, Normalization


def plan_of(network):
    return make_plan(network, "cross_entropy", "adam")


def test_a_net_without_normalisation_is_one_part_that_keeps_everything():
    plan = plan_of(odd_network())
    assert len(layout.parts(plan)) == 1
    assert all(layout.x(plan, area).startswith("v->") for area in range(len(plan.areas)))


def test_every_part_but_the_first_begins_with_a_normalisation():
    plan = plan_of(normalized_network())
    first, *others = layout.parts(plan)
    assert not any(isinstance(step, Normalization) for step in first)
    assert [[isinstance(step, Normalization) for step in part].index(True) for part in others] == [0] * 4
    assert [step for part in layout.parts(plan) for step in part] == list(plan.steps)


def test_what_a_normalisation_reads_and_the_gradient_it_waits_for_are_kept():
    plan = plan_of(normalized_network())
    for norm in plan.norms:
        assert layout.x(plan, norm.source).startswith("v->")
        assert layout.d(plan, norm.source + 1).startswith("v->")


def test_what_is_made_again_is_not_kept_and_no_kept_array_is_written_twice():
    plan = plan_of(normalized_network())
    for part in range(len(layout.parts(plan))):
        for step in layout.made_again(plan, part):
            assert not layout.stays(plan, layout.written(step))


def test_no_convolution_over_all_channels_is_done_twice():
    plan = plan_of(normalized_network())
    again = [step for part in range(len(layout.parts(plan))) for step in layout.made_again(plan, part)]
    assert any(isinstance(step, Convolution) and step.depthwise for step in again)
    assert all(step.depthwise for step in again if isinstance(step, Convolution))
