import { describe, expect, it } from "vitest";
import { ApiFault, asFault, faultOf } from "@/api/errors";

function refusal(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
}

describe("a refused request", () => {
  it("tells what the server said, field by field", async () => {
    const fault = await faultOf(
      refusal(422, {
        error: {
          code: "invalid_spec",
          message: "the spec has 1 fault",
          request_id: "req_1",
          details: {
            expected: "a known model",
            mend: "trainwright models list",
            faults: [{ field: "model", code: "unknown_model", message: "no such model" }],
          },
        },
      }),
    );
    expect(fault).toBeInstanceOf(ApiFault);
    expect(fault).toMatchObject({
      code: "invalid_spec",
      status: 422,
      message: "the spec has 1 fault",
      mend: "trainwright models list",
      expected: "a known model",
      requestId: "req_1",
    });
    expect(fault.of("model")?.message).toBe("no such model");
    expect(fault.of("dataset")).toBeUndefined();
  });

  it("knows how long to wait", async () => {
    const body = { error: { code: "rate_limited", message: "too many", request_id: "r" } };
    const fault = await faultOf(refusal(429, body, { "Retry-After": "42" }));
    expect(fault.retryAfter).toBe(42);
    const soon = new Date(Date.now() + 90_000).toUTCString();
    const dated = await faultOf(refusal(429, body, { "Retry-After": soon }));
    expect(dated.retryAfter).toBeGreaterThan(80);
    expect(dated.retryAfter).toBeLessThanOrEqual(90);
  });

  it.each([
    ["a proxy's page", "<html>Bad Gateway</html>"],
    ["nothing", ""],
    ["JSON of another kind", { detail: "nope" }],
    ["a list", []],
    ["an error that is no object", { error: "no" }],
  ])("is a fault even if its body is %s", async (_, body) => {
    const fault = await faultOf(refusal(502, body, { "X-Request-ID": "req_9" }));
    expect(fault.code).toBe("bad_answer");
    expect(fault.isOffline).toBe(true);
    expect(fault.requestId).toBe("req_9");
  });

  it("leaves out faults that are none", async () => {
    const details = { faults: [null, "x", { field: "a" }, { field: "b", code: "c", message: "d" }] };
    const fault = await faultOf(refusal(422, { error: { code: "c", message: "m", details } }));
    expect(fault.faults.map((one) => one.field)).toEqual(["b"]);
  });
});

describe("a request without an answer", () => {
  it("is told apart: no network, given up, anything else", () => {
    expect(asFault(new TypeError("Failed to fetch"))).toMatchObject({ code: "network", status: 0 });
    expect(asFault(new DOMException("gone", "AbortError")).isAborted).toBe(true);
    expect(asFault(new Error("odd")).code).toBe("bad_answer");
    expect(asFault("text").message).toBe("text");
    const known = new ApiFault("conflict", "m", { status: 409 });
    expect(asFault(known)).toBe(known);
  });
});
