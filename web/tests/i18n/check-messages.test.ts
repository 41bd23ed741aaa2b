// @vitest-environment node
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "messages-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the check says of files that are there besides those of a good app. */
function check(files: Record<string, unknown>): { isGood: boolean; said: string } {
  const app: Record<string, unknown> = {
    "src/i18n/en/runs.json": { title: "Runs", count: "{n} run | {n} runs", sort: { up: "Up" } },
    "src/i18n/ko/runs.json": { title: "학습", count: "학습 {n}개", sort: { up: "오름차순" } },
    "src/a.vue": `<template><h1 :title="t('runs.title')">{{ t("runs.count", { n }) }}</h1></template>`,
    "src/b.ts": "export const label = (way: string) => t(`runs.sort.${way}`);",
    ...files,
  };
  for (const [path, content] of Object.entries(app)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  const { status, stdout, stderr } = spawnSync("node", ["scripts/check-messages.mjs"], {
    env: { ...process.env, WEB_ROOT: root },
    encoding: "utf8",
  });
  return { isGood: status === 0, said: stdout + stderr };
}

describe("the check of messages", () => {
  it("passes what is complete", () => {
    expect(check({})).toEqual({ isGood: true, said: "3 messages, complete in 2 languages\n" });
  });

  it.each([
    [
      "a message one language lacks",
      { "src/i18n/ko/runs.json": { title: "학습", count: "학습 {n}개" } },
      "runs.sort.up: is missing in ko",
    ],
    [
      "a message only the other has",
      { "src/i18n/ko/more.json": { a: "ㄱ" } },
      "more.a: is there in ko only",
    ],
    [
      "another placeholder",
      { "src/i18n/ko/runs.json": { title: "{n}", count: "학습 {n}개", sort: { up: "위" } } },
      "runs.title: has other placeholders in ko: n",
    ],
    ["a key nobody uses", { "src/a.vue": "{{ t('runs.title') }}" }, "runs.count: is used nowhere"],
    ["a key that does not exist", { "src/c.ts": 't("runs.gone")' }, "runs.gone: does not exist"],
    [
      "one of two that does not exist",
      { "src/c.ts": 't(is ? "runs.title" : "runs.gone")' },
      "runs.gone: does not exist",
    ],
    [
      "a template that fits no key",
      { "src/c.ts": "t(`runs.order.${way}`)" },
      "runs.order.${way}: does not exist",
    ],
    [
      "a title that does not exist",
      { "src/c.ts": 'const meta = { title: "shell.nav.x" };' },
      "shell.nav.x: does not exist",
    ],
    [
      "a bare @",
      { "src/i18n/en/runs.json": { title: "a@b", count: "{n}", sort: { up: "Up" } } },
      "runs.title: has a bare @",
    ],
  ])("fails for %s", (_, files, said) => {
    const found = check(files);
    expect(found.said).toContain(said);
    expect(found.isGood).toBe(false);
  });
});
