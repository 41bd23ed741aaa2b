import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  applyLanguage,
  chooseLanguage,
  chosenLanguage,
  i18n,
  language,
  languageOf,
  loadAreas,
} from "@/i18n";

const t = (key: string) => i18n.global.t(key);

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["fr-FR", "ko-KR", "en"]);
});

describe("the language", () => {
  it.each([
    [["ko-KR", "en"], "ko"],
    [["en-GB"], "en"],
    [["fr", "ko"], "ko"],
    [["fr", "de"], "en"],
    [[], "en"],
  ] as const)("for somebody who prefers %s is %s", (preferred, found) => {
    expect(languageOf(preferred)).toBe(found);
  });

  it("is that of the browser until another is chosen, and is kept", async () => {
    await applyLanguage();
    expect(language()).toBe("ko");
    expect(document.documentElement.lang).toBe("ko");
    expect(t("shell.nav.runs")).toBe("실행");

    await chooseLanguage("en");
    expect(t("shell.nav.runs")).toBe("Runs");
    expect(document.documentElement.lang).toBe("en");
    expect(localStorage.getItem("trainwright.language")).toBe("en");

    await chooseLanguage(null);
    expect(chosenLanguage.value).toBeNull();
    expect(language()).toBe("ko");
  });

  it("brings the areas along that were loaded in the other", async () => {
    await chooseLanguage("en");
    await loadAreas(["signin", "there-is-no-such-area"]);
    expect(t("signin.title")).toBe("Sign in");
    await chooseLanguage("ko");
    expect(t("signin.title")).toBe("로그인");
  });
});
