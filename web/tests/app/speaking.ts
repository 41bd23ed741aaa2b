import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mount } from "@vue/test-utils";
import { defineComponent, h } from "vue";
import { createI18n } from "vue-i18n";

const FOLDER = join(import.meta.dirname, "../../src/i18n");

/** What a composable answers where every word of a language is loaded. */
export function speaking<Made>(locale: "en" | "ko", use: () => Made): Made {
  const made: Made[] = [];
  const part = defineComponent(() => {
    made.push(use());
    return () => h("i");
  });
  const i18n = createI18n({ legacy: false, locale, messages: { [locale]: wordsOf(locale) } });
  mount(part, { global: { plugins: [i18n] } }).unmount();
  return made[0] as Made;
}

export function wordsOf(locale: "en" | "ko"): Record<string, Record<string, never>> {
  const files = readdirSync(join(FOLDER, locale));
  return Object.fromEntries(
    files.map((file) => [file.replace(".json", ""), JSON.parse(readFileSync(join(FOLDER, locale, file), "utf8"))]),
  );
}
