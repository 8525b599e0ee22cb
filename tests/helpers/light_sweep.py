"""A sweep as a command of its own, to be killed: two processes, whose trainings are sleep.

python light_sweep.py FOLDER KEY=V1,V2 … SEEDS EPOCHS
"""

import sys

from helpers import light_worker
from tinydigits.data.dataset import Splits, mnist_test
from tinydigits.errors import TinydigitsError
from tinydigits.scale import plan
from tinydigits.scale.run import run
from tinydigits.training import pool


def light(patch, cores=2):
    """Makes sweeps in this process quick: no Keras, and trainings that are sleep, in processes of their own.

    Args:
        patch: as `monkeypatch.setattr`.
    """
    digits = mnist_test()
    patch(plan, "prepared", lambda splits, stopwatch: (Splits(digits[:20], digits[20:40], digits[40:60]), "none"))
    patch(plan, "possible_identities", light_worker.light_identities)
    patch(pool, "available_cores", lambda: cores)
    patch(pool.backend, "prepare", lambda: "none")
    patch(pool, "WORKER", (light_worker.__file__,))
    patch(pool, "measured", light_worker.slept)


def main():
    light(setattr)
    folder, *choices, seeds, epochs = sys.argv[1:]
    values = {name: texts.split(",") for name, _, texts in (choice.partition("=") for choice in choices)}
    try:
        sweep = plan.make_sweep("mlp", values, range(int(seeds)), folder=folder, epochs=int(epochs))
        outcome = run(sweep, lambda label, seed, progress: print(label, seed, flush=True))
    except TinydigitsError as error:
        sys.exit(f"error: {error}")
    print(outcome["trained"], outcome["found"], flush=True)


if __name__ == "__main__":
    main()
