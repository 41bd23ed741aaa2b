import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { useShortcut } from "@/app/shortcuts";
import { navigation } from "@/router";
import { usePlaces } from "@/shell/places";

/** The keys of the places one can go to: `g r` and so on. */
export function useGoing(): void {
  const { t } = useI18n();
  const router = useRouter();
  const { places } = usePlaces();
  for (const entry of navigation) {
    if (!entry.keys) continue;
    useShortcut(
      entry.keys,
      () => t("shell.shortcuts.goTo", { screen: t(entry.label) }),
      () => router.push({ name: entry.to }),
      {
        group: () => t("shell.shortcuts.go"),
        isActive: () => places.value.includes(entry),
      },
    );
  }
}
