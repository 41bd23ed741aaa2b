import { describe, expect, it } from "vitest";
import { savedSteps } from "@/screens/run/data/checkpoints";
import { artifactUrl } from "@/runs/download";
import { originOf } from "@/screens/run/data/origin";
import { toYaml } from "@/screens/run/data/yaml";

describe("a spec as YAML", () => {
  it("nests, and quotes what would be read as something else", () => {
    const text = toYaml({
      model: "builtin/lenet5", note: "yes", empty: "", path: "/a b/c", colon: "a: b", number: "12",
      learning_rate: 1e-7, none: null, on: true, resources: { gpus: 1 }, names: ["cat", "no"], nothing: {}, list: [{ a: 1 }],
    });
    expect(text.split("\n")).toEqual([
      "model: builtin/lenet5", 'note: "yes"', 'empty: ""', "path: /a b/c", 'colon: "a: b"', 'number: "12"',
      "learning_rate: 1.0e-7", "none: null", '"on": true', "resources:", "  gpus: 1", "names:", "  - cat",
      '  - "no"', "nothing: {}", 'list: [{"a":1}]', "",
    ]);
  });
});

describe("checkpoints", () => {
  const saved = (id: string, path: string, step: number, more = {}) => ({
    id, path, step, epoch: 1, attempt: 1, size: 10, sha256: id, metrics: { "val/loss": "NaN" as const },
    is_best: false, kept: false, uri: null, created_at: null, present: true, given_up: false, resumable: false, ...more,
  }) as never;

  it("stand by step, with the files that are there still", () => {
    const steps = savedSteps([
      saved("a", "best.st", 10, { is_best: true }), saved("b", "last.pt", 10, { kept: true, present: false }), saved("c", "last.pt", 20),
    ]);
    expect(steps.map(({ step, bytes, isLast, isBest, isKept }) => [step, bytes, isLast, isBest, isKept])).toEqual([
      [20, 10, true, false, false], [10, 10, false, true, true],
    ]);
    expect(steps[1]?.files.map(({ isGone }) => isGone)).toEqual([false, true]);
    expect(steps[0]?.metrics["val/loss"]).toBeNaN();
  });

  it("say what training can go on from, and what was given up", () => {
    const steps = savedSteps([
      saved("a", "best.st", 10, { is_best: true }), saved("b", "step-10.pt", 10, { resumable: true }),
      saved("c", "model.pt", 20, { given_up: true, resumable: true, attempt: 1 }),
      saved("d", "model.pt", 12, { attempt: 2 }),
    ]);
    expect(steps.map(({ step, start, isGivenUp, isLast }) => [step, start, isGivenUp, isLast])).toEqual([
      [12, null, false, true], [20, 20, true, false], [10, 10, false, false],
    ]);
  });
});

describe("where a run came from", () => {
  it("is read as far as it is known", () => {
    const origin = originOf({
      trainwright: "1.0", command: ["trainwright", "train", "it's 5 epochs"], hardware: { cores: 2, target: {} },
      git: { commit: "abc", dirty: true, diff: "+x" }, packages: { torch: "2.13" },
    });
    expect(origin.command).toBe(`trainwright train 'it'"'"'s 5 epochs'`);
    expect(origin.hardware).toEqual({ cores: 2 });
    expect(origin.git).toMatchObject({ commit: "abc", dirty: true, untracked: [] });
    expect(originOf({})).toMatchObject({ version: null, git: null, packages: [], command: null });
  });

  it("names files by whole paths", () => {
    expect(artifactUrl("r1", "artifacts/a b#.pt")).toBe("/api/v1/runs/r1/artifacts/artifacts/a%20b%23.pt");
  });
});
