import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { useFailureText } from "@/app/failures";
import { useFaultText } from "@/app/faults";
import { speaking, wordsOf } from "./speaking";

const ROOT = join(import.meta.dirname, "../../../src/trainwright");
const table = readFileSync(join(ROOT, "server/diagnosis/wording.toml"), "utf8");

/** Codes that a diagnosis of the server has words for. */
function codes(section: string): string[] {
  return [...table.matchAll(new RegExp(`^\\[${section}\\.(\\w+)\\]$`, "gm"))].map(([, code]) => String(code));
}

describe("a code that the server knows", () => {
  it("has a headline, as the reason of a failed run", () => {
    const { title } = speaking("ko", useFailureText);
    expect(codes("error").length).toBeGreaterThan(10);
    expect(codes("error").filter((code) => !title(code))).toEqual([]);
  });

  it("has a headline, as a finding in a dataset", () => {
    const known = Object.keys(wordsOf("ko").findings ?? {});
    expect(codes("data").length).toBeGreaterThan(20);
    expect(codes("data").filter((code) => !known.includes(code))).toEqual([]);
  });
});

describe("a failure", () => {
  it("is said by its code, and by nothing where nobody knows it", () => {
    const { title, hint } = speaking("ko", useFailureText);
    expect(title("cuda_oom")).toBe("GPU 메모리가 부족했습니다");
    expect(hint("cuda_oom")).toContain("배치 크기");
    expect([title("bad_dataset"), hint("bad_dataset")]).toEqual(["현재 상태로는 데이터셋을 사용할 수 없습니다", null]);
    expect([title("odd"), title(undefined), hint(null)]).toEqual([null, null, null]);
  });
});

describe("a fault in one line", () => {
  it("is its kind, then what the server said", () => {
    const { line } = speaking("ko", useFaultText);
    expect(line(new ApiFault("not_found", "there is no run 'x'"))).toBe("찾을 수 없습니다: there is no run 'x'");
    expect(line(new ApiFault("network", "Failed to fetch"))).not.toContain("fetch");
    const waiting = new ApiFault("rate_limited", "too many", { retryAfter: 2.2 });
    expect(line(waiting)).toBe("3초 뒤에 다시 시도하세요.");
  });

  it("tells of a single setting by its own code, or that of a finding", () => {
    const { single } = speaking("ko", useFaultText);
    const message = "what the server said";
    expect(single({ code: "unknown_model", message })).toBe(`알 수 없는 모델입니다: ${message}`);
    expect(single({ code: "leak", message })).toBe(`여러 분할에 있는 이미지: ${message}`);
    expect(single({ code: "greater_than", message })).toBe(`사용할 수 없는 값입니다: ${message}`);
  });
});
