/** What the palette finds: places, what screens offer, and what the server knows by a text. */

import { Box, Monitor, Moon, Play, Sun } from "@lucide/vue";
import { refDebounced } from "@vueuse/core";
import { computed, ref, shallowRef, watch, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { answer, api } from "@/api/client";
import { asFault } from "@/api/errors";
import type { Run, Schema } from "@/api/types";
import { matches, offeredCommands, type Command } from "@/app/commands";
import { chooseTheme, THEMES } from "@/app/theme";
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES } from "@/i18n";
import { usePlaces } from "@/shell/places";

export interface PaletteGroup {
  name: string;
  commands: Command[];
}

type FoundModel = Pick<Schema<"ModelInfo">, "id" | "tasks">;

const MOST = 6;
const WAIT_MS = 150;
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

export function usePalette(text: Ref<string>) {
  const { t } = useI18n();
  const router = useRouter();
  const { places } = usePlaces();
  const { found, isSearching } = useServerSearch(text);

  const going = computed<Command[]>(() =>
    places.value.map(({ to, label, icon, keys }) => ({
      id: `place:${to}`,
      label: t(label),
      icon,
      // also found by what it is called in the address
      keywords: to,
      ...(keys && { keys }),
      run: () => router.push({ name: to }),
    })),
  );
  const settings = computed<Command[]>(() => [
    ...THEMES.map((theme) => ({
      id: `theme:${theme}`,
      label: `${t("shell.theme.label")}: ${t(`shell.theme.${theme}`)}`,
      icon: THEME_ICONS[theme],
      run: () => chooseTheme(theme),
    })),
    ...LANGUAGES.map((to) => ({
      id: `language:${to}`,
      label: `${t("shell.language.label")}: ${LANGUAGE_NAMES[to]}`,
      keywords: to,
      run: () => chooseLanguage(to),
    })),
  ]);
  const runs = computed(() => found.value.runs.map((run) => runCommand(run)));
  const models = computed(() => found.value.models.map((model) => modelCommand(model)));

  function runCommand({ id, name, model, status }: Run): Command {
    const go = () => router.push(`/runs/${encodeURIComponent(id)}`);
    return { id: `run:${id}`, label: name, icon: Play, keywords: `${model} · ${t(`ui.status.${status}`)}`, run: go };
  }

  function modelCommand({ id, tasks }: FoundModel): Command {
    const go = () => router.push(`/models/${id}`);
    const words = tasks.map((task) => t(`common.task.${task}`)).join(" · ");
    return { id: `model:${id}`, label: id, icon: Box, keywords: words, run: go };
  }

  const groups = computed<PaletteGroup[]>(() => {
    const sought = text.value.trim();
    const fits = (command: Command) => matches(command, sought);
    const actions = t("shell.palette.actions");
    const offered = new Map<string, Command[]>();
    for (const command of offeredCommands().filter(fits)) {
      const name = command.group ?? actions;
      offered.set(name, [...(offered.get(name) ?? []), command]);
    }
    return [
      ...[...offered].map(([name, commands]) => ({ name, commands })),
      { name: t("shell.palette.runs"), commands: sought ? runs.value : [] },
      { name: t("shell.palette.models"), commands: sought ? models.value : [] },
      { name: t("shell.palette.screens"), commands: going.value.filter(fits) },
      // many, and seldom wanted: only for those who look for them
      { name: t("shell.user.settings"), commands: sought ? settings.value.filter(fits) : [] },
    ].filter(({ commands }) => commands.length > 0);
  });

  return { groups, isSearching };
}

function useServerSearch(text: Ref<string>) {
  const found = shallowRef<{ runs: Run[]; models: FoundModel[] }>({ runs: [], models: [] });
  const isSearching = ref(false);

  watch(refDebounced(text, WAIT_MS), async (typed, _, onCleanup) => {
    const q = typed.trim();
    if (!q) {
      found.value = { runs: [], models: [] };
      return;
    }
    const asking = new AbortController();
    onCleanup(() => asking.abort());
    isSearching.value = true;
    const asked = { params: { query: { q, limit: MOST } }, signal: asking.signal };
    try {
      const [runs, models] = await Promise.all([
        answer(api.GET("/runs", asked)),
        answer(api.GET("/models", asked)),
      ]);
      found.value = { runs: runs.items, models: models.items };
    } catch (error) {
      // what is here can still be chosen
      if (!asFault(error).isAborted) found.value = { runs: [], models: [] };
    } finally {
      if (!asking.signal.aborted) isSearching.value = false;
    }
  });

  return { found, isSearching };
}
