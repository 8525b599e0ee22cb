/** What is read, in words. */

/** An answer less sure than this is said to be a guess. */
const SURE = 0.9;

/** Returns a share, 0 to 1, as a text; what is not certain is never called 100 %, nor 0 %. */
export function percent(share) {
  if (share > 0.999) return "> 99.9 %";
  if (share < 0.001) return "< 0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** Returns a number as a text; "?" stands for what is no digit. */
export function textOf(reading) {
  return reading.map(({ digit }) => digit ?? "?").join("");
}

/** Returns a sentence that says what was read. */
export function sentenceOf(reading) {
  if (!reading.length) return "Draw one digit, or several in a row.";
  if (reading.every(({ digit }) => digit === null)) {
    return reading.length === 1 ? "This is no digit." : "None of these is a digit.";
  }
  const doubtful = reading.reduce((a, b) => (b.confidence < a.confidence ? b : a));
  const sure = `${percent(doubtful.confidence)} sure`;
  const verb = doubtful.confidence < SURE ? "may be" : "is";
  if (reading.length === 1) return `This ${verb} a ${doubtful.digit}: ${sure}.`;
  const none = reading.filter(({ digit }) => digit === null).length;
  if (none) return `This reads ${textOf(reading)}; what “?” stands for is no digit.`;
  return `This reads ${textOf(reading)}. The ${doubtful.digit} is the least sure: ${percent(doubtful.confidence)}.`;
}
