/**
 * Words in two languages. A message `runs.empty.title` stands in `<language>/runs.json`; that file
 * is an area. Areas of the shell come with their language, those of a screen with the screen.
 */

import { markRaw, ref } from "vue";
import { createI18n } from "vue-i18n";

export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", ko: "한국어" };

type Messages = { [key: string]: string | Messages };

const CHOICE = "trainwright.language";

// one chunk a language, as all of it is needed for the first paint
const shells: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import("./shell-en"),
  ko: () => import("./shell-ko"),
};
const files = import.meta.glob<Messages>(
  ["./*/*.json", "!./*/{charts,common,errors,shell,ui}.json"],
  { import: "default" },
);
const wanted = new Set<string>();
const loaded = new Map<string, Promise<void>>();

/** The language that was chosen here; null where the browser's own is followed. */
export const chosenLanguage = ref<Language | null>(readChoice());

export const i18n = createI18n({
  legacy: false,
  locale: wantedLanguage(),
  fallbackLocale: false,
  messages: { en: {}, ko: {} } as Record<Language, Messages>,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
});

/** The language in use. */
export function language(): Language {
  return i18n.global.locale.value;
}

/** Uses a language from now on; null follows the browser's own. */
export async function chooseLanguage(choice: Language | null): Promise<void> {
  chosenLanguage.value = choice;
  try {
    if (choice) localStorage.setItem(CHOICE, choice);
    else localStorage.removeItem(CHOICE);
  } catch {
    // a browser that keeps nothing still speaks the language until it is closed
  }
  await applyLanguage();
}

/** Loads the language in use, and says which it is to the page. */
export async function applyLanguage(): Promise<void> {
  const next = wantedLanguage();
  await Promise.all([loadShell(next), ...[...wanted].map((area) => loadFile(next, area))]);
  i18n.global.locale.value = next;
  document.documentElement.lang = next;
}

/** Loads areas in the language in use; those already there cost nothing. */
export async function loadAreas(areas: readonly string[]): Promise<void> {
  for (const area of areas) wanted.add(area);
  await Promise.all(areas.map((area) => loadFile(language(), area)));
}

/** A part that is loaded by itself, and the areas that it alone speaks with. */
export async function withAreas<Part>(areas: readonly string[], part: Promise<Part>): Promise<Part> {
  await loadAreas(areas);
  return part;
}

/** The first of the languages a person prefers that the app speaks. */
export function languageOf(preferred: readonly string[]): Language {
  const bases = preferred.map((tag) => tag.toLowerCase().split("-")[0]);
  return bases.map((base) => LANGUAGES.find((known) => known === base)).find(Boolean) ?? "en";
}

function wantedLanguage(): Language {
  return chosenLanguage.value ?? languageOf(navigator.languages);
}

function loadShell(to: Language): Promise<void> {
  return once(`${to}/`, async () => {
    add(to, (await shells[to]()).default);
  });
}

function loadFile(to: Language, area: string): Promise<void> {
  const load = files[`./${to}/${area}.json`];
  if (!load) return Promise.resolve();
  return once(`${to}/${area}`, async () => {
    add(to, { [area]: await load() });
  });
}

/** Raw: messages never change, and each that is shown would be read through proxies. */
function add(to: Language, areas: Messages): void {
  i18n.global.setLocaleMessage(to, markRaw({ ...i18n.global.getLocaleMessage(to), ...areas }));
}

function once(name: string, load: () => Promise<void>): Promise<void> {
  const known = loaded.get(name);
  if (known) return known;
  const loading = load();
  loaded.set(name, loading);
  // what did not come may come later
  loading.catch(() => loaded.delete(name));
  return loading;
}

function readChoice(): Language | null {
  try {
    const kept = localStorage.getItem(CHOICE);
    return LANGUAGES.find((known) => known === kept) ?? null;
  } catch {
    return null;
  }
}
