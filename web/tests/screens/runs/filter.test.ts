import { describe, expect, it } from "vitest";
import type { Run } from "@/api/types";
import { addressOf, filterOf, isFiltered, matches, requestOf } from "@/screens/runs/filter";

const run = { status: "running", task: "sft", tags: ["a", "b"], trashed_at: null } as Run;

describe("a filter of runs", () => {
  it("stands in the address and comes back from it", () => {
    const query = { q: "lenet", status: ["failed", "lost"], tag: "a", sort: "-name", trashed: "true" };
    const filter = filterOf(query);
    expect(filter.sort).toEqual({ id: "name", descending: true });
    expect(filterOf(addressOf(filter) as never)).toEqual(filter);
    expect(requestOf(filter)).toMatchObject({ q: "lenet", sort: "-name", trashed: true });
  });

  it("leaves out what nobody knows", () => {
    const filter = filterOf({ status: ["flying", "failed", null], sort: "password", q: null });
    expect(filter.status).toEqual(["failed"]);
    expect(filter.sort).toBeNull();
    expect(addressOf(filterOf({}))).toEqual({});
    expect(isFiltered(filterOf({ trashed: "true" }))).toBe(false);
  });

  it.each([
    [{}, true],
    [{ status: "running" }, true],
    [{ status: "failed" }, false],
    [{ task: "dpo" }, false],
    [{ tag: ["a", "b"] }, true],
    [{ tag: ["a", "c"] }, false],
    [{ trashed: "true" }, false],
    [{ q: "x" }, null],
    [{ project: "birds" }, null],
  ])("tells whether a run belongs to %j: %s", (query, belongs) => {
    expect(matches(run, filterOf(query))).toBe(belongs);
  });
});
