/** Compares runs: what each scores, and on how many images it is right where the first is not. */
import { bytesOf } from "../bytes.js";
import { rowOf } from "../served/elements.js";
import { setOf } from "../served/mnist.js";
import { duration, share } from "../served/words.js";
import { onlyRight, signTest } from "./mistakes.js";

/** Fills the body of a table with a row a look, as `/v1/look` gives them. */
export async function showComparison(body, looks) {
  const set = await setOf("test").catch(() => null);
  const first = looks[0].answers && bytesOf(looks[0].answers);
  body.replaceChildren(
    ...looks.map(({ run, answers }, number) => {
      const known = set && number && first && answers;
      const only = known ? onlyRight(set.labels, first, bytesOf(answers)) : null;
      return rowOf([
        run.folder,
        share(run.accuracy.test),
        share(run.accuracy.validation),
        run.parameters.toLocaleString("en"),
        duration(run.seconds),
        only ? only.second : "–",
        only ? only.first : "–",
        only ? probability(signTest(only.first, only.second)) : "–",
      ]);
    }),
  );
}

function probability(p) {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
