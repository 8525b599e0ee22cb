/** Finds the ink of a picture: marks on paper, darker or brighter than it, under even or uneven light. */

/** The paper is looked for on a copy whose longer side has so many pixels. */
const PAPER_SIDE = 60;
/** Half the width of the widest stroke, in pixels of that copy. */
const STROKE = 4;
/** Least contrast of ink, 0 to 1: the grain and the creases of paper lie below. */
const LEAST_CONTRAST = 0.12;
/** A mark goes on to pixels of at least this share of the threshold. */
const FAINT = 0.6;
/** Marks whose longer side is less than this share of the highest one's are specks. */
const SPECK = 0.12;
/** Marks at least so many times as wide as high are lines on the paper. */
const LINE = 8;
/** Marks that cover at least this share of both sides of the picture are its frame. */
const FRAME = 0.95;

/**
 * Returns the marks of a picture: [{left, top, height, width, data: Float32Array}], ink 0 to 1, in its own pixels.
 *
 * @param picture {data, height, width}: red, green, blue and opacity, as a canvas gives them.
 */
export function marksIn(picture) {
  const { height, width } = picture;
  const contrast = contrastOf(darkInk(greyOf(picture), height, width), height, width);
  const threshold = thresholdOf(contrast);
  if (threshold === null) return [];
  const isFrame = (mark) => mark.width > FRAME * width && mark.height > FRAME * height;
  const marks = connected(contrast, height, width, threshold).filter((mark) => mark.width < LINE * mark.height);
  const inside = withoutSpecks(marks.filter((mark) => !isFrame(mark)));
  return inside.length ? inside : withoutSpecks(marks);
}

function withoutSpecks(marks) {
  const highest = Math.max(...marks.map((mark) => mark.height));
  return marks.filter((mark) => Math.max(mark.height, mark.width) >= SPECK * highest);
}

/** Returns brightness, 0 to 1; what is transparent is the opposite of what is not. */
function greyOf({ data }) {
  const grey = new Float32Array(data.length / 4);
  let [sum, opaque] = [0, 0];
  for (let i = 0; i < grey.length; i++) {
    const opacity = data[4 * i + 3] / 255;
    grey[i] = (opacity * (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2])) / 255;
    sum += grey[i];
    opaque += opacity;
  }
  const ground = sum > opaque / 2 ? 0 : 1;
  return grey.map((value, i) => value + ground * (1 - data[4 * i + 3] / 255));
}

/** Returns the picture, or its negative, such that ink is darker than the paper along the picture's edges. */
function darkInk(grey, height, width) {
  const edges = grey.filter((_, i) => i < width || i >= grey.length - width || i % width === 0 || (i + 1) % width === 0);
  const ground = edges.sort()[edges.length >> 1];
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
  return mean > ground ? grey.map((value) => 1 - value) : grey;
}

/** Returns how much darker than the paper around it each pixel is, as a share of the paper's brightness. */
function contrastOf(grey, height, width) {
  const step = Math.ceil(Math.max(height, width) / PAPER_SIDE);
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const blocks = shrunk(grey, height, width, step);
  const brightest = around(blocks, rows, columns, (values) => Math.max(...values));
  const paper = around(brightest, rows, columns, (values) => values.reduce((a, b) => a + b) / values.length);
  const contrast = new Float32Array(grey.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const local = between(paper, rows, columns, (y + 0.5) / step - 0.5, (x + 0.5) / step - 0.5);
      contrast[y * width + x] = Math.max(0, 1 - grey[y * width + x] / Math.max(local, 0.05));
    }
  }
  return contrast;
}

/** Returns the means of blocks of `step` × `step` pixels. */
function shrunk(grey, height, width, step) {
  const columns = Math.ceil(width / step);
  const sums = new Float32Array(Math.ceil(height / step) * columns);
  const counts = new Float32Array(sums.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const block = Math.floor(y / step) * columns + Math.floor(x / step);
      sums[block] += grey[y * width + x];
      counts[block] += 1;
    }
  }
  return sums.map((sum, i) => sum / counts[i]);
}

/** Returns what `summary` makes of the values at most `STROKE` away, along rows and then along columns. */
function around(values, rows, columns, summary) {
  const along = (from, length, step) => (_, i) => {
    const place = Math.floor(i / step) % length;
    const [first, end] = [Math.max(0, place - STROKE), Math.min(length, place + STROKE + 1)];
    return summary(Array.from({ length: end - first }, (_, k) => from[i + (first + k - place) * step]));
  };
  const across = values.map(along(values, columns, 1));
  return across.map(along(across, rows, columns));
}

/** Returns the value between four neighbours. */
function between(values, rows, columns, y, x) {
  const row = Math.max(0, Math.min(rows - 1, y));
  const column = Math.max(0, Math.min(columns - 1, x));
  const top = Math.floor(row);
  const left = Math.floor(column);
  const right = Math.min(columns - 1, left + 1);
  const bottom = Math.min(rows - 1, top + 1);
  const part = column - left;
  const above = values[top * columns + left] * (1 - part) + values[top * columns + right] * part;
  const below = values[bottom * columns + left] * (1 - part) + values[bottom * columns + right] * part;
  return above + (row - top) * (below - above);
}

/** Returns the contrast that parts ink and paper best (Otsu 1979); null where their means are too close. */
function thresholdOf(contrast) {
  const counts = new Float64Array(256);
  contrast.forEach((value) => (counts[Math.floor(value * 255)] += 1));
  const total = counts.reduce((sum, count, i) => sum + count * i, 0);
  let [below, sum] = [0, 0];
  let best = { between: 0 };
  counts.forEach((count, i) => {
    below += count;
    sum += count * i;
    const above = contrast.length - below;
    if (!below || !above) return;
    const difference = (total - sum) / above - sum / below;
    const variance = below * above * difference ** 2;
    if (variance > best.between) best = { between: variance, difference, at: (i + 1) / 255 };
  });
  return best.between > 0 && best.difference / 255 >= LEAST_CONTRAST ? best.at : null;
}

/** Returns marks: connected pixels, at least one of them over the threshold. */
function connected(contrast, height, width, threshold) {
  const seen = new Uint8Array(contrast.length);
  const marks = [];
  for (let start = 0; start < contrast.length; start++) {
    if (seen[start] || contrast[start] < threshold) continue;
    marks.push(markOf(filled(contrast, height, width, FAINT * threshold, start, seen), contrast, width));
  }
  return marks;
}

/** Returns the places connected with `start`, by sides or corners, whose contrast is at least `least`. */
function filled(contrast, height, width, least, start, seen) {
  const places = [start];
  seen[start] = 1;
  for (let k = 0; k < places.length; k++) {
    const row = Math.floor(places[k] / width);
    const column = places[k] % width;
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const place = y * width + x;
        if (seen[place] || contrast[place] < least) continue;
        seen[place] = 1;
        places.push(place);
      }
    }
  }
  return places;
}

function markOf(places, contrast, width) {
  let [top, bottom, left, right] = [Infinity, 0, Infinity, 0];
  let strongest = 0;
  for (const place of places) {
    const y = Math.floor(place / width);
    const x = place % width;
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    strongest = Math.max(strongest, contrast[place]);
  }
  const mark = { left, top, height: bottom - top, width: right - left };
  mark.data = new Float32Array(mark.height * mark.width);
  for (const place of places) {
    const inside = (Math.floor(place / width) - top) * mark.width + (place % width) - left;
    mark.data[inside] = contrast[place] / strongest;
  }
  return mark;
}
