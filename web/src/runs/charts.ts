/** Which curves are drawn into which chart. */

import type { Run } from "@/api/types";
import {
  betterOf,
  compareStems,
  SECTIONS,
  sectionOf,
  splitOf,
  stemOf,
  type Better,
  type Section,
} from "@/runs/metric-names";

export interface Chart {
  /** The metric without its split. */
  id: string;
  names: string[];
  section: Section;
  better: Better | null;
}

const SPLIT_ORDER = ["train", "val", "test"];

/** Charts of all metrics, train, val and test of one metric in one. */
export function chartsOf(names: readonly string[]): Chart[] {
  const charts = new Map<string, Chart>();
  for (const name of names) {
    const id = stemOf(name);
    const chart = charts.get(id) ?? {
      id,
      names: [],
      section: sectionOf(id, splitOf(name) !== null),
      better: betterOf(name),
    };
    chart.names.push(name);
    charts.set(id, chart);
  }
  for (const chart of charts.values()) chart.names.sort(bySplit);
  return [...charts.values()].toSorted((one, other) => compareStems(one.id, other.id));
}

/** Charts under their headings, those without one left out. */
export function sectionsOf(charts: readonly Chart[]): { section: Section; charts: Chart[] }[] {
  return SECTIONS.map((section) => ({
    section,
    charts: charts.filter((chart) => chart.section === section),
  })).filter(({ charts: found }) => found.length > 0);
}

/** The colour of a split is the same in every chart; other curves take theirs in order. */
export function colourIndex(name: string, place: number): number {
  const split = splitOf(name);
  return split ? SPLIT_ORDER.indexOf(split) : place;
}

/** What a person looks at first: a loss, and how good it is, as far as they are measured. */
export function headlines(names: Iterable<string>, most: number): string[] {
  const rank = (name: string) => {
    const split = splitOf(name) ?? "";
    const kind = betterOf(name) ? 0 : 10;
    return kind + ["val", "test", "train", ""].indexOf(split);
  };
  const all = [...names];
  const judged = all.filter((name) => betterOf(name));
  const chosen = judged.length > 0 ? judged : all;
  return chosen
    .toSorted((one, other) => rank(one) - rank(other) || compareStems(stemOf(one), stemOf(other)))
    .slice(0, most);
}

/** The one headline of a run among many: how good it is on held-out data, or else its first. */
export function mainMetric(metrics: Run["metrics"]): [name: string, value: Run["metrics"][string]] | null {
  const ranked = headlines(Object.keys(metrics), Infinity).filter((name) => betterOf(name) || splitOf(name));
  const name = ranked.find((one) => betterOf(one) === "max" && ["val", "test"].includes(splitOf(one) ?? "")) ?? ranked[0];
  const value = name === undefined ? undefined : metrics[name];
  return name === undefined || value === undefined ? null : [name, value];
}

function bySplit(one: string, other: string): number {
  const rank = (name: string) => SPLIT_ORDER.indexOf(splitOf(name) ?? "");
  return rank(one) - rank(other) || one.localeCompare(other);
}
