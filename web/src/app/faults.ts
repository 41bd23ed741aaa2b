/** Faults in the language of who reads them. */

import { useI18n } from "vue-i18n";
import type { ApiFault } from "@/api/errors";
import type { Fault } from "@/ui/fault";

/** What `ErrorState` shows of a fault: its kind in words, then what the server said. */
export function useFaultText() {
  const { t, te } = useI18n();

  function title(fault: ApiFault): string {
    const known = `errors.${fault.code}.title`;
    return te(known) ? t(known) : t("errors.unknown.title");
  }

  function text(fault: ApiFault): string {
    const own = `errors.${fault.code}.text`;
    if (!te(own)) return fault.message;
    return t(own, { seconds: Math.ceil(fault.retryAfter ?? 0) });
  }

  /** The fault as components take it. */
  function shown(fault: ApiFault): Fault {
    return { ...fault, message: text(fault) };
  }

  return { title, text, shown };
}
