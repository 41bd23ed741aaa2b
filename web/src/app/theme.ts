/** Light, dark, or as the system is. `public/theme.js` sets the same before the first paint. */

import { computed, ref } from "vue";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const CHOICE = "trainwright.theme";
const darkness = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = ref(darkness.matches);

export const chosenTheme = ref<Theme>(readChoice());

/** Whether what is shown is dark. */
export const isDark = computed(() =>
  chosenTheme.value === "system" ? systemIsDark.value : chosenTheme.value === "dark",
);

export function chooseTheme(choice: Theme): void {
  chosenTheme.value = choice;
  try {
    localStorage.setItem(CHOICE, choice);
  } catch {
    // a browser that keeps nothing still shows it until it is closed
  }
  apply();
}

/** Follows the system, and other tabs. */
export function followTheme(): void {
  darkness.addEventListener("change", ({ matches }) => {
    systemIsDark.value = matches;
    apply();
  });
  addEventListener("storage", ({ key }) => {
    if (key !== CHOICE) return;
    chosenTheme.value = readChoice();
    apply();
  });
  apply();
}

function apply(): void {
  document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
}

function readChoice(): Theme {
  try {
    const kept = localStorage.getItem(CHOICE);
    return THEMES.find((known) => known === kept) ?? "system";
  } catch {
    return "system";
  }
}
