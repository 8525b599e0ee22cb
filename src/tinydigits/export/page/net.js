/**
 * The forward pass of a net, in the steps of the Python package's `Network`.
 *
 * A network, as `network.js` makes it of the model's description:
 *
 *   name         text
 *   inputShape   [28, 28], [28, 28, 1] or [784]
 *   pixels       "0-1" or "0-255": what the net takes; images are always whole numbers, 0 to 255
 *   classes      how many answers: ten digits, and perhaps an eleventh, "no whole digit"
 *   layers       [{kind, input, output, weights, …}]: shapes without the batch, height × width × channels; `weights` are
 *                places in the list below
 *   weights      [Float32Array, …] in Keras' order and layout. Training may replace the list, or write into its arrays,
 *                at any time: `forward` keeps nothing.
 *
 * Sums are made in double precision; each layer's output is rounded to float32.
 */

/**
 * Lets the net answer images.
 *
 * @param network as above.
 * @param images  n · 784 numbers, 0 to 255, ink bright (Uint8Array or alike).
 * @returns {{logits: Float32Array, probabilities: Float32Array, activations: Float32Array[]}}
 *   logits and probabilities, n · classes; for each layer its output, n · size(layer.output).
 */
export function forward(network, images) {
  const count = images.length / size(network.inputShape);
  const activations = [];
  let x = pixelsFor(network, images);
  for (const layer of network.layers) {
    x = applied(layer, layer.weights.map((place) => network.weights[place]), x, count);
    activations.push(x);
  }
  const last = network.layers.length - 1;
  const logits = network.layers[last].kind === "Softmax" ? activations[last - 1] : activations[last];
  return { logits, probabilities: softmax(logits, network.classes), activations };
}

/** Returns how many numbers a shape holds. */
export function size(shape) {
  return shape.reduce((product, side) => product * side, 1);
}

/** Returns probabilities of logits, for each `classes` of them; large logits do not overflow. */
export function softmax(logits, classes) {
  const result = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Array.from(row, (logit) => Math.exp(logit - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    powers.forEach((power, i) => (result[from + i] = power / sum));
  }
  return result;
}

/** Returns what the net takes for pixels of 0 to 255. */
function pixelsFor(network, images) {
  const largest = network.pixels === "0-255" ? 1 : 255;
  return Float32Array.from(images, (value) => value / largest);
}

/** Returns the output of a layer for `count` inputs. */
function applied(layer, weights, x, count) {
  const [before, after] = [size(layer.input), size(layer.output)];
  const y = new Float32Array(count * after);
  const apply = KINDS[layer.kind];
  for (let i = 0; i < count; i++) {
    apply(layer, weights, x.subarray(i * before, (i + 1) * before), y.subarray(i * after, (i + 1) * after));
  }
  return y;
}

const KINDS = {
  Conv2D: convolve,
  DepthwiseConv2D: convolveEachChannel,
  Dense: connect,
  BatchNormalization: normaliseChannels,
  MaxPooling2D: poolMaximum,
  AveragePooling2D: poolMean,
  GlobalAveragePooling2D: averageChannels,
  ReLU: (layer, weights, x, y) => rectify(0, x, y),
  LeakyReLU: (layer, weights, x, y) => rectify(layer.slope, x, y),
  Flatten: (layer, weights, x, y) => y.set(x),
  Dropout: (layer, weights, x, y) => y.set(x),
  Softmax: (layer, weights, x, y) => y.set(softmax(x, layer.input.at(-1))),
};

/** The names of the layers that `forward` knows. */
export const SUPPORTED = Object.keys(KINDS);

/** kernel [inputs, outputs] */
function connect(layer, [kernel, bias], x, y) {
  addProducts(x, 0, x.length, kernel, bias, y, 0, y.length);
}

/** kernel [window height, window width, channels, filters] */
function convolve(layer, [kernel, bias], x, y) {
  const [channels, filters] = [layer.input[2], layer.output[2]];
  const one = layer.window[0] * layer.window[1] === 1;
  const patch = new Float32Array(layer.window[0] * layer.window[1] * channels);
  eachWindow(layer, (window, place) => {
    if (!one) copyWindow(layer, window, x, patch);
    const from = one ? (window.top * layer.input[1] + window.left) * channels : 0;
    addProducts(one ? x : patch, from, patch.length, kernel, bias, y, place * filters, filters);
  });
}

/** y[to + o] = bias[o] + Σ x[from + i] · kernel[i · outputs + o]; four outputs at a time, as that is fastest. */
function addProducts(x, from, inputs, kernel, bias, y, to, outputs) {
  let o = 0;
  for (; o + 4 <= outputs; o += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0, k = o; i < inputs; i++, k += outputs) {
      const value = x[from + i];
      a += value * kernel[k];
      b += value * kernel[k + 1];
      c += value * kernel[k + 2];
      d += value * kernel[k + 3];
    }
    y[to + o] = a + (bias ? bias[o] : 0);
    y[to + o + 1] = b + (bias ? bias[o + 1] : 0);
    y[to + o + 2] = c + (bias ? bias[o + 2] : 0);
    y[to + o + 3] = d + (bias ? bias[o + 3] : 0);
  }
  for (; o < outputs; o++) {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += x[from + i] * kernel[i * outputs + o];
    y[to + o] = sum + (bias ? bias[o] : 0);
  }
}

/** kernel [window height, window width, channels, filters of a channel]; one filter at a time, as that is fastest. */
function convolveEachChannel(layer, [kernel, bias], x, y) {
  const [channels, filters] = [layer.input[2], layer.output[2]];
  for (let o = 0; o < filters; o++) {
    convolveChannel(layer, x, Math.floor((o * channels) / filters), kernel, o, bias ? bias[o] : 0, y);
  }
}

function convolveChannel({ input, output, window, strides, pads }, x, channel, kernel, o, bias, y) {
  const [height, width, channels] = input;
  const [rows, columns, filters] = output;
  for (let row = 0; row < rows; row++) {
    const top = row * strides[0] - pads[0];
    const [firstRow, endRow] = [Math.max(0, top), Math.min(height, top + window[0])];
    for (let column = 0; column < columns; column++) {
      const left = column * strides[1] - pads[1];
      const first = Math.max(0, left);
      const end = Math.min(width, left + window[1]);
      let sum = bias;
      for (let i = firstRow; i < endRow; i++) {
        let from = (i * width + first) * channels + channel;
        let tap = ((i - top) * window[1] + first - left) * filters + o;
        for (let j = first; j < end; j++, from += channels, tap += filters) sum += x[from] * kernel[tap];
      }
      y[(row * columns + column) * filters + o] = sum;
    }
  }
}

function rectify(slope, x, y) {
  for (let i = 0; i < x.length; i++) y[i] = x[i] > 0 ? x[i] : x[i] * slope;
}

function poolMaximum(layer, weights, x, y) {
  y.fill(-Infinity);
  eachWindow(layer, (window, place) => {
    eachPixel(layer, window, (from) => {
      for (let c = 0; c < layer.input[2]; c++) {
        const [value, to] = [x[from + c], place * layer.input[2] + c];
        if (value > y[to]) y[to] = value;
      }
    });
  });
}

/** Places outside the input do not count. */
function poolMean(layer, weights, x, y) {
  const sums = new Float64Array(layer.input[2]);
  eachWindow(layer, (window, place) => {
    sums.fill(0);
    let inside = 0;
    eachPixel(layer, window, (from) => {
      inside += 1;
      for (let c = 0; c < sums.length; c++) sums[c] += x[from + c];
    });
    sums.forEach((sum, c) => (y[place * sums.length + c] = sum / inside));
  });
}

function averageChannels(layer, weights, x, y) {
  const pixels = x.length / y.length;
  for (let c = 0; c < y.length; c++) {
    let sum = 0;
    for (let i = c; i < x.length; i += y.length) sum += x[i];
    y[c] = sum / pixels;
  }
}

/** gamma · (x − mean) / √(variance + epsilon) + beta */
function normaliseChannels(layer, [gamma, beta, mean, variance], x, y) {
  const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + layer.epsilon));
  for (let i = 0; i < x.length; i += scale.length) {
    for (let c = 0; c < scale.length; c++) y[i + c] = (x[i + c] - mean[c]) * scale[c] + beta[c];
  }
}

/**
 * Calls `visit(window, place)` for each window, row by row. `top` and `left` may lie outside the input; the rows from
 * `firstRow` to before `endRow`, and the columns likewise, are those inside.
 */
function eachWindow({ input, output, window, strides, pads }, visit) {
  for (let row = 0, place = 0; row < output[0]; row++) {
    for (let column = 0; column < output[1]; column++, place++) {
      const [top, left] = [row * strides[0] - pads[0], column * strides[1] - pads[1]];
      visit(
        {
          top,
          left,
          firstRow: Math.max(0, top),
          endRow: Math.min(input[0], top + window[0]),
          firstColumn: Math.max(0, left),
          endColumn: Math.min(input[1], left + window[1]),
        },
        place,
      );
    }
  }
}

/** Calls `visit(from)` with the place of each pixel of a window that lies inside the input. */
function eachPixel({ input }, { firstRow, endRow, firstColumn, endColumn }, visit) {
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++) visit((row * input[1] + column) * input[2]);
  }
}

/** Copies a window's pixels; those outside the input are 0. */
function copyWindow(layer, { top, left, firstRow, endRow, firstColumn, endColumn }, x, patch) {
  const [width, channels] = [layer.input[1], layer.input[2]];
  patch.fill(0);
  for (let row = firstRow; row < endRow; row++) {
    let to = ((row - top) * layer.window[1] + firstColumn - left) * channels;
    const end = (row * width + endColumn) * channels;
    for (let from = (row * width + firstColumn) * channels; from < end; from++, to++) patch[to] = x[from];
  }
}
