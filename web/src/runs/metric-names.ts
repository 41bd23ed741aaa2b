/** What a metric's name tells: `<split>/<metric>`, or a name of its own. */

export type Split = "train" | "val" | "test";
export type Better = "min" | "max";

const SPLITS: ReadonlySet<string> = new Set<Split>(["train", "val", "test"]);

// as `better_is` of the platform's own code
const SMALLER = new Set(
  "loss losses error err perplexity ppl kl mse rmse mae nll wer cer ece brier fid".split(" "),
);
const GREATER = new Set(
  "accuracy f1 precision recall map miou dice auc top reward rewards".split(" "),
);

export function splitOf(name: string): Split | null {
  const first = name.slice(0, name.indexOf("/"));
  return isSplit(first) ? first : null;
}

/** The metric without its split: what is drawn into one chart. */
export function stemOf(name: string): string {
  const split = splitOf(name);
  return split ? name.slice(split.length + 1) : name;
}

/** Which way a metric improves, as far as its name tells. */
export function betterOf(name: string): Better | null {
  const lower = name.toLowerCase();
  // the last part first: what is before it may be the name of a class
  for (const text of [lower.slice(lower.lastIndexOf("/") + 1), lower]) {
    const words = text.split(/[/_.]/).flatMap((word) => [word, word.replace(/\d+$/, "")]);
    if (words.some((word) => SMALLER.has(word))) return "min";
    if (words.some((word) => GREATER.has(word))) return "max";
  }
  return null;
}

export type Section = "measured" | "optimisation" | "speed" | "other";
export const SECTIONS: readonly Section[] = ["measured", "optimisation", "speed", "other"];

const OPTIMISATION = /^(lr|learning_rate|grad_norm|weight_norm|loss_scale|momentum)([_/.-]|$)/;
const SPEED = /(_per_second|_per_sec|_seconds|throughput|_time|tokens_seen)$/;

/** Under which heading a chart stands. */
export function sectionOf(stem: string, hasSplit: boolean): Section {
  if (OPTIMISATION.test(stem)) return "optimisation";
  if (SPEED.test(stem)) return "speed";
  return hasSplit || betterOf(stem) ? "measured" : "other";
}

/** The order of charts: losses, then what has a better direction, then the rest by name. */
export function compareStems(one: string, other: string): number {
  const rank = (stem: string) => (stem === "loss" ? 0 : stem === "accuracy" ? 1 : betterOf(stem) ? 2 : 3);
  return rank(one) - rank(other) || one.localeCompare(other);
}

function isSplit(word: string): word is Split {
  return SPLITS.has(word);
}
