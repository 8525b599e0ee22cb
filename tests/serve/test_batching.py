import asyncio
import threading

import numpy as np
import pytest

from helpers.served import run_async
from tinydigits.serve.batching import SHARE, Batcher, ClientGoneError, answers_alike
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.service import loaded


def numbered(numbers):
    """Images that hold a number each, in their first four bytes."""
    images = np.zeros((len(numbers), 28, 28), np.uint8)
    images.reshape(len(numbers), -1)[:, :4] = np.asarray(numbers, "<u4").reshape(-1, 1).view(np.uint8)
    return images


def numbers_in(images):
    """A net that answers with each image's number."""
    numbers = np.ascontiguousarray(images.reshape(len(images), -1)[:, :4]).view("<u4")
    return np.repeat(numbers.astype(float), 11, axis=1)


def test_of_ten_thousand_requests_at_once_each_gets_its_own_answer():
    sizes = []

    async def all_at_once():
        batcher = Batcher(numbers_in, 1_000_000, on_batch=sizes.append)
        random = np.random.default_rng(0)
        counts = random.choice([1, 2, 3, 17, 40], 10_000, p=[0.9, 0.04, 0.03, 0.02, 0.01])
        asked = np.split(np.arange(counts.sum()), np.cumsum(counts)[:-1])
        answers = await asyncio.gather(*(batcher.ask(numbered(numbers)) for numbers in asked))
        batcher.close()
        return asked, answers

    asked, answers = run_async(all_at_once())
    assert all(np.array_equal(answer[:, 0], numbers) for numbers, answer in zip(asked, answers, strict=True))
    assert max(sizes) == 64
    assert len(sizes) < 1_000


def test_requests_that_arrive_one_by_one_get_their_own_answers():
    async def one_by_one(batcher, first):
        for number in range(first, first + 200):
            answer = await batcher.ask(numbered([number]))
            assert answer[0, 0] == number

    async def together():
        batcher = Batcher(numbers_in, 1_000)
        await asyncio.gather(*(one_by_one(batcher, 1_000 * client) for client in range(20)))
        batcher.close()

    run_async(together())


def test_a_large_request_takes_turns_with_small_ones():
    seen = []

    def net(images):
        seen.append(numbers_in(images)[:, 0])
        return numbers_in(images)

    async def large_then_small():
        batcher = Batcher(net, 1_000, most=32)
        large = asyncio.ensure_future(batcher.ask(numbered(range(200))))
        small = asyncio.ensure_future(batcher.ask(numbered([999])))
        await small
        assert not large.done()
        assert np.array_equal((await large)[:, 0], np.arange(200))
        batcher.close()

    run_async(large_then_small())
    assert seen[0].tolist() == [*range(SHARE), 999, *range(SHARE, 31)]


def blocked_net():
    """A net that answers once `go` is set."""
    go = threading.Event()
    asked = []

    def net(images):
        asked.append(numbers_in(images)[:, 0].tolist())
        go.wait(30)
        return numbers_in(images)

    return net, go, asked


def test_what_waits_is_bounded_and_the_refusal_says_when_to_come_back():
    net, go, _ = blocked_net()

    async def too_many():
        batcher = Batcher(net, 10)
        waiting = [asyncio.ensure_future(batcher.ask(numbered([0])))]
        await asyncio.sleep(0.05)  # the net is busy
        waiting += [asyncio.ensure_future(batcher.ask(numbered([number]))) for number in range(14)]
        await asyncio.sleep(0)
        with pytest.raises(RefusalError, match="14 images that wait") as refused:
            await batcher.ask(numbered([99]))
        go.set()
        assert [answer[0, 0] for answer in await asyncio.gather(*waiting)] == [0, *range(14)]
        assert batcher.waiting == 0
        batcher.close()
        return refused.value

    refusal = run_async(too_many())
    assert refusal.status == 503
    assert refusal.headers["retry-after"]


def test_requests_whose_client_has_gone_never_reach_the_net():
    net, go, asked = blocked_net()
    dropped = []

    async def some_leave():
        batcher = Batcher(net, 100, on_drop=lambda: dropped.append(1))
        first = asyncio.ensure_future(batcher.ask(numbered([0])))
        await asyncio.sleep(0.05)
        left = asyncio.ensure_future(batcher.ask(numbered([1]), gone=lambda: True))
        cancelled = asyncio.ensure_future(batcher.ask(numbered([2])))
        stays = asyncio.ensure_future(batcher.ask(numbered([3])))
        await asyncio.sleep(0)
        cancelled.cancel()
        go.set()
        assert (await first)[0, 0] == 0
        assert (await stays)[0, 0] == 3
        with pytest.raises(ClientGoneError):
            await left
        batcher.close()

    run_async(some_leave())
    assert asked == [[0], [3]]
    assert dropped == [1]


def test_an_error_of_the_net_fails_its_own_batch_only():
    def net(images):
        if numbers_in(images)[0, 0] == 13:
            raise ZeroDivisionError
        return numbers_in(images)

    async def bad_then_good():
        batcher = Batcher(net, 100)
        with pytest.raises(ZeroDivisionError):
            await batcher.ask(numbered([13]))
        assert (await batcher.ask(numbered([14])))[0, 0] == 14
        batcher.close()

    run_async(bad_then_good())


@pytest.mark.parametrize("name", ["reader", "cnn", "pocket"])
def test_shipped_nets_answer_images_together_as_alone(name, digits):
    assert answers_alike(loaded(name).classify, digits[:100])


def test_a_net_that_answers_otherwise_together_is_found_out(digits):
    assert not answers_alike(lambda images: np.full((len(images), 11), float(len(images))), digits[:10])
