import { describe, expect, it } from "vitest";
import { createI18n } from "vue-i18n";
import runs from "@/i18n/en/runs.json";

const { t } = createI18n({ legacy: false, locale: "en", messages: { en: { runs } } }).global;

describe("English counts", () => {
  it.each([
    [0, "0 runs", "0 statuses", "0 runs are in the trash"],
    [1, "1 run", "1 status", "1 run is in the trash"],
    [2, "2 runs", "2 statuses", "2 runs are in the trash"],
  ])("%i things agree with their noun", (count, ...words) => {
    const said = [
      t("runs.count", { count: String(count) }, count),
      t("runs.filter.statuses", { count }),
      t("runs.did.deleted", { count }),
    ];
    expect(said).toEqual(words);
  });
});
