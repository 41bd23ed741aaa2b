import { describe, expect, it } from "vitest";
import { formOf, LINES } from "@/runs/spec-fields";
import { changesOf, readJson, shownValue, valuesOf, writeJson } from "@/runs/spec-values";

describe("the one description of settings", () => {
  it("serves lines by parts and forms by whole values", () => {
    const lines = new Map(LINES.map(({ name, editor }) => [name, editor.kind]));
    const form = new Map(formOf(null).flatMap(({ fields }) => fields).map(({ name, editor }) => [name, editor.kind]));
    expect([lines.get("peft"), lines.get("r"), lines.has("overrides")]).toEqual(["choice", "number", false]);
    expect([form.get("peft"), form.has("r"), form.get("overrides")]).toEqual(["json", false, "json"]);
    expect([lines.get("learning_rate"), form.get("learning_rate")]).toEqual(["number", "number"]);
    expect([lines.has("task"), form.has("task")]).toEqual([true, false]);
  });

  it("has a word for each value", () => {
    expect([shownValue([28, 28]), shownValue(null), shownValue({ a: 1 })]).toEqual(["28 × 28", "", '{"a":1}']);
  });
});

describe("a spec to be cloned", () => {
  const spec = {
    name: "old", model: "builtin/lenet5", learning_rate: 0.1, resources: { target: "local", gpus: 1 },
    overrides: { clip: 1, deep: { a: 1 } },
  };

  it("has the fields of its task, the run's name left out", () => {
    expect(valuesOf(spec)).toMatchObject({ model: "builtin/lenet5", target: "local", gpus: 1 });
    expect(valuesOf(spec)).not.toHaveProperty("name");
    const groups = (task: string | null) => formOf(task).map(({ group }) => group);
    expect(groups("sft")).not.toContain("data");
    expect(groups("image_classification")).not.toContain("language");
    expect(groups(null)).toEqual(expect.arrayContaining(["data", "language"]));
  });

  it("is changed only where a value is another", () => {
    const before = valuesOf(spec);
    const after = { ...before, learning_rate: 0.01, gpus: null, epochs: 3, overrides: { deep: { a: 1 }, clip: 1 }, reward: "" };
    expect(changesOf(before, after)).toEqual({ learning_rate: 0.01, gpus: null, epochs: 3 });
  });

  it.each([
    ["28", 28], ["32x48", "32x48"], ["[1, 2]", [1, 2]], ["", null], ['{"r": 8}', { r: 8 }], ["lora", "lora"],
  ])("reads %j as typed", (text, value) => {
    expect(readJson(text)).toEqual(value);
    expect(readJson(writeJson(value))).toEqual(value);
  });
});
