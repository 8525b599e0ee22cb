"""Accuracy under the corruptions of MNIST-C, over all seeds of a `train --seeds` folder, as a table.

    python benchmarks/robustness.py runs/pocket

The corruptions are those of `tinydigits evaluate --corruptions`, on MNIST's 10,000 test images.
"""

import sys
from pathlib import Path
from statistics import mean, stdev

from tinydigits.data.dataset import Dataset, mnist_test
from tinydigits.evaluation.corruptions.fifteen import CORRUPTIONS, corrupted
from tinydigits.evaluation.report import evaluate
from tinydigits.formats.model_file import load


def main() -> None:
    predicts = [load(str(folder)).predict for folder in sorted(Path(sys.argv[1]).glob("seed-*"))]
    test = mnist_test()
    rows = {"none": [evaluate(predict, test).accuracy for predict in predicts]}
    for name in CORRUPTIONS:  # made once for all seeds
        dataset = Dataset(corrupted(test.images, name), test.labels)
        rows[name] = [evaluate(predict, dataset).accuracy for predict in predicts]
    rows["mean of the fifteen"] = [mean(rows[name][seed] for name in CORRUPTIONS) for seed in range(len(predicts))]
    print(f"| corruption | accuracy, mean ± sd of {len(predicts)} seeds, % |\n|---|---|")
    for name, accuracies in rows.items():
        print(f"| {name.replace('_', ' ')} | {100 * mean(accuracies):.2f} ± {100 * stdev(accuracies):.2f} |")


if __name__ == "__main__":
    main()
