"""The kernels under AddressSanitizer and UndefinedBehaviorSanitizer: no byte outside an array, nothing undefined."""

import os
import subprocess

import numpy as np
import pytest

from helpers.networks import dense_network, normalized_network, odd_network
from tinydigits.augmentation.settings import AFFINE, Augmentation
from tinydigits.engine.compiler.build import KERNELS, find_compiler
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.engine.runtime import augment

SANITIZE = ("-O0", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# Trains two epochs on two threads, predicts, and says what the last loss was. Arrays are exactly as large as they must
# be. OVERRUN makes one of them too small: the control that shows the sanitizer is on.
MAIN = """
#include <stdio.h>
enum { IMAGES = 75, BATCH = 32, STEPS = (IMAGES + BATCH - 1) / BATCH };
static void *exactly(size_t count, size_t size) { return calloc(count, size); }
int main(void) {
    for (int floats = 0; floats < 2; floats++) {
        uint8_t *images = exactly(IMAGES * PIXELS - OVERRUN, floats ? 4 : 1);
        float *targets = exactly(IMAGES * CLASSES, 4), *answers = exactly(IMAGES * CLASSES, 4);
        float *w[2] = {exactly(WEIGHTS, 4), exactly(WEIGHTS, 4)};
        float *slots[2] = {exactly(WEIGHTS, 4), exactly(WEIGHTS, 4)};
        float *averages = exactly(WEIGHTS, 4), *rates = exactly(STEPS, 4);
        float *shares = exactly(IMAGES, 4);
        int32_t *order = exactly(IMAGES, 4);
        for (int i = 0; i < STEPS; i++) rates[i] = 0.01f;
        for (int i = 0; i < IMAGES; i++) order[i] = IMAGES - 1 - i, shares[i] = 1;
        for (int i = 0; i < IMAGES * PIXELS - OVERRUN; i++) {
            if (floats) ((float *)images)[i] = i % 7 / 7.f;
            else images[i] = i % 251;
        }
        for (int i = 0; i < IMAGES; i++) targets[i * CLASSES + i % CLASSES] = 1;
        for (int i = 0; i < WEIGHTS; i++) w[0][i] = (i % 11 - 5) * 0.05f;
        Training t = {.source = {images, targets, shares, order, IMAGES, floats}, .batch = BATCH, .threads = 2,
                      .dropout = 1, .weights = {w[0], w[1]}, .slots = {slots[0], slots[1]},
                      .averages = averages, .rates = rates,
                      .rule = {0, 0.9f, 0.9f, 0.999f, 0.1f, 0.001f, 1e-7f, 0.02f, 0.9f}};
        t.workspace = zeros(workspace(&t));
        for (t.epoch = 0; t.epoch < 2; t.epoch++, t.first = 0) {
            t.last = STEPS;
            train(&t);
            if (t.failed) return 2;
        }
        Inference f = {.source = {images, targets, shares, 0, IMAGES, floats}, .last = IMAGES, .weights = w[t.current],
                       .answers = answers, .threads = 2};
        if (infer(&f)) return 3;
        printf("%f\\n", f.loss / IMAGES);
        free(images), free(targets), free(answers), free(order), free(shares), free(averages), free(rates);
        free(t.workspace);
        for (int i = 0; i < 2; i++) free(w[i]), free(slots[i]);
    }
}
"""


@pytest.fixture(scope="module", autouse=True)
def sanitizers(tmp_path_factory):
    """What the machine's compiler must bring; zig's brings no AddressSanitizer."""
    folder = tmp_path_factory.mktemp("trial")
    (folder / "empty.c").write_text("int main(void) { return 0; }")
    command = [find_compiler().command[0], *SANITIZE, str(folder / "empty.c"), "-o", str(folder / "empty")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("the C compiler found here cannot build with AddressSanitizer")


NETS = [
    (odd_network(), "cross_entropy", "adam"),
    (odd_network(), "mean_squared_error", "nesterov"),
    (dense_network(), "mean_squared_error", "sgd"),
    (normalized_network(), "cross_entropy", "adam"),
]


def sanitized(network, loss, rule, tmp_path, *, overrun=0):
    """The net trained in a program of its own, under the sanitizers."""
    return run_sanitized(f"#define OVERRUN {overrun}\n{emit(make_plan(network, loss, rule))}{MAIN}", tmp_path)


def run_sanitized(text, tmp_path):
    """The C program `text`, compiled for the vectors that nets are compiled for, and run under the sanitizers."""
    source, program = tmp_path / "net.c", tmp_path / "net"
    source.write_text(text)
    command = (*find_compiler().command, *SANITIZE, f"-I{KERNELS}", str(source), "-o", str(program), "-lm")
    subprocess.run(command, check=True)
    # TensorFlow's own preloads would come before the sanitizer's.
    environment = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    return subprocess.run([str(program)], capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("net", [NETS[0], NETS[3], *(pytest.param(net, marks=pytest.mark.long) for net in NETS[1:3])])
def test_kernels_stay_inside_their_arrays(net, tmp_path):
    done = sanitized(*net, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sanitizer_would_see_one_pixel_too_many(tmp_path):
    done = sanitized(*NETS[2], tmp_path, overrun=1)
    assert "heap-buffer-overflow" in done.stderr


# Augments images that are exactly as large as they must be, on two threads, and prints every pixel.
AUGMENT = """
#include <stdio.h>
#include <stdlib.h>
enum { IMAGES = 21, SIZE = ROWS * COLUMNS * CHANNELS };
int main(void) {
    uint8_t *images = malloc(IMAGES * SIZE - OVERRUN), *to = malloc(IMAGES * SIZE);
    for (int i = 0; i < IMAGES * SIZE - OVERRUN; i++) images[i] = i * i % 251;
    Pictures p = {.amplitudes = {AMPLITUDES}, .threads = 2, .seed = 5, .epoch = 6, .images = images, .count = IMAGES,
                  .to = to};
    augment_images(&p);
    for (int i = 0; i < IMAGES * SIZE; i++) printf("%02x", to[i]);
    free(images), free(to);
}
"""
FAR = Augmentation(3.1, 0.5, 1.0, 100.0, 8.0, 1.0, 1.0, 1.0, 0.5, cut=100.0, cut_chance=1.0, line_chance=1.0)
NEAR = Augmentation(0.2, 0.1, 0.2, 1.0, 2.0, 0.5, 0.5, 0.3, 0.1, cut=2.0, cut_chance=0.5, line_chance=0.5)


def sanitized_augmentation(shape, settings, tmp_path, *, overrun=0):
    amplitudes = ", ".join(map(str, settings.amplitudes()))
    text = f"#define OVERRUN {overrun}\n#define AMPLITUDES {amplitudes}\n{augment.source(*shape)}{AUGMENT}"
    return run_sanitized(text, tmp_path)


@pytest.mark.parametrize(("shape", "settings"), [((1, 1, 1), FAR), ((5, 17, 3), FAR), ((28, 28, 1), NEAR)])
def test_augmentation_stays_inside_its_arrays(shape, settings, tmp_path):
    done = sanitized_augmentation(shape, settings, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    images = (np.arange(21 * np.prod(shape), dtype=np.int64) ** 2 % 251).astype(np.uint8).reshape(-1, *shape)
    assert bytes.fromhex(done.stdout) == augment.augmented(images, 5, 6, settings).tobytes()


def test_the_sanitizer_would_see_augmentation_read_one_pixel_too_many(tmp_path):
    assert "heap-buffer-overflow" in sanitized_augmentation((5, 17, 3), AFFINE, tmp_path, overrun=1).stderr
