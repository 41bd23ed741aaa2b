import { afterEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { useAction, useAnswer } from "@/api/answers";
import { answer, api, probe, waitWhenSignedOut } from "@/api/client";
import { ApiFault } from "@/api/errors";
import { allOf, usePages } from "@/api/pages";
import type { Page } from "@/api/types";
import { ME, refused, serve } from "./server";

afterEach(() => {
  waitWhenSignedOut(null);
  vi.unstubAllGlobals();
});

const flush = () => vi.waitFor(() => undefined, { timeout: 50 }).then(() => nextTick());

describe("answer", () => {
  it("is the body, or a fault", async () => {
    serve({ "GET /auth/me": [{ body: ME }, refused(403, "forbidden"), "no network"] });
    expect(await answer(api.GET("/auth/me"))).toEqual(ME);
    await expect(answer(api.GET("/auth/me"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(answer(api.GET("/auth/me"))).rejects.toMatchObject({ code: "network" });
  });

  it("sends lists as the server reads them", async () => {
    const { keys } = serve({ "GET /runs": { body: { items: [], next_cursor: null, total: 0 } } });
    await answer(api.GET("/runs", { params: { query: { tag: ["a", "b c"], limit: 5 } } }));
    expect(keys()[0]).toContain("tag=a&tag=b%20c");
  });
});

describe("a request that is refused because nobody is signed in", () => {
  it("is asked again, whole, when somebody is", async () => {
    const { asked } = serve({
      "POST /chat/parse": [refused(401, "unauthorized"), { body: { status: "complete" } }],
    });
    const wait = vi.fn(async () => undefined);
    waitWhenSignedOut(wait);
    const body = { sentence: "train lenet5 on mnist" };
    await answer(api.POST("/chat/parse", { body }));
    expect(wait).toHaveBeenCalledOnce();
    expect(asked.map((one) => JSON.parse(one.body))).toEqual([body, body]);
  });

  it("fails as the waiting does", async () => {
    serve({ "GET /runs": refused(401, "unauthorized") });
    waitWhenSignedOut(async () => {
      throw new ApiFault("aborted", "given up");
    });
    await expect(answer(api.GET("/runs"))).rejects.toMatchObject({ code: "aborted" });
  });

  it("is answered with the refusal where it asks who is there", async () => {
    serve({ "GET /auth/me": refused(401, "unauthorized") });
    const wait = vi.fn(async () => undefined);
    waitWhenSignedOut(wait);
    await expect(answer(api.GET("/auth/me"))).rejects.toMatchObject({ status: 401 });
    expect(await probe("/auth/me")).toBe(401);
    expect(wait).not.toHaveBeenCalled();
  });
});

const pages: Record<string, Page<number>> = {
  "": { items: [1, 2], next_cursor: "a", total: 5 },
  a: { items: [3, 4], next_cursor: "b", total: 5 },
  b: { items: [5], next_cursor: null, total: 5 },
};

describe("pages", () => {
  it("are one list", async () => {
    const found: number[] = [];
    for await (const one of allOf(async (cursor) => pages[cursor ?? ""] as Page<number>)) {
      found.push(one);
    }
    expect(found).toEqual([1, 2, 3, 4, 5]);
  });

  it("are appended as they are asked for, and started anew", async () => {
    const scope = effectScope();
    const list = scope.run(() => usePages(async (cursor) => pages[cursor ?? ""] as Page<number>));
    if (!list) throw new Error("no scope");
    await list.reload();
    expect(list.items.value).toEqual([1, 2]);
    await list.more();
    await list.more();
    expect(list.items.value).toEqual([1, 2, 3, 4, 5]);
    expect(list.hasMore.value).toBe(false);
    await list.more();
    expect(list.items.value).toHaveLength(5);
    await list.reload();
    expect(list.items.value).toEqual([1, 2]);
    scope.stop();
  });

  it("drop an answer that was overtaken", async () => {
    const asked: ((page: Page<string>) => void)[] = [];
    const scope = effectScope();
    const list = scope.run(() =>
      usePages<string>(() => new Promise((resolve) => asked.push(resolve))),
    );
    if (!list) throw new Error("no scope");
    const first = list.reload();
    const second = list.reload();
    asked[1]?.({ items: ["new"], next_cursor: null, total: 1 });
    asked[0]?.({ items: ["old"], next_cursor: null, total: 1 });
    await Promise.all([first, second]);
    expect(list.items.value).toEqual(["new"]);
    expect(list.isLoading.value).toBe(false);
    scope.stop();
  });

  it("keep what is there when the next one fails", async () => {
    let fails = false;
    const list = effectScope().run(() =>
      usePages(async (cursor) => {
        if (fails) throw new ApiFault("network", "gone");
        return pages[cursor ?? ""] as Page<number>;
      }),
    );
    if (!list) throw new Error("no scope");
    await list.reload();
    fails = true;
    await list.more();
    expect(list.fault.value?.code).toBe("network");
    expect(list.items.value).toEqual([1, 2]);
    fails = false;
    await list.more();
    expect(list.fault.value).toBeNull();
    expect(list.items.value).toEqual([1, 2, 3, 4]);
  });
});

describe("useAnswer", () => {
  it("asks again when what it depends on changes, and aborts what was asked before", async () => {
    const id = ref("a");
    const signals: AbortSignal[] = [];
    const scope = effectScope();
    const asked = scope.run(() =>
      useAnswer(
        async (signal) => {
          signals.push(signal);
          return id.value.toUpperCase();
        },
        { on: id },
      ),
    );
    await flush();
    expect(asked?.data.value).toBe("A");
    id.value = "b";
    await flush();
    expect(asked?.data.value).toBe("B");
    scope.stop();
    expect(signals).toHaveLength(2);
  });

  it("keeps the data of before beside the fault", async () => {
    let fails = false;
    const asked = effectScope().run(() =>
      useAnswer(async () => {
        if (fails) throw new ApiFault("unavailable", "away");
        return 1;
      }),
    );
    await flush();
    fails = true;
    await asked?.reload();
    expect(asked?.data.value).toBe(1);
    expect(asked?.fault.value?.code).toBe("unavailable");
  });
});

describe("useAction", () => {
  it("is busy once, and keeps its fault", async () => {
    let finish: () => void = () => undefined;
    const act = vi.fn(() => new Promise<string>((resolve) => (finish = () => resolve("done"))));
    const action = useAction(act);
    const first = action.run();
    expect(await action.run()).toBeUndefined();
    expect(action.isBusy.value).toBe(true);
    finish();
    expect(await first).toBe("done");
    expect(act).toHaveBeenCalledOnce();

    const failing = useAction(async () => {
      throw new ApiFault("conflict", "no");
    });
    expect(await failing.run()).toBeUndefined();
    expect(failing.fault.value?.code).toBe("conflict");
    expect(failing.isBusy.value).toBe(false);
  });
});
