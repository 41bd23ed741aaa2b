/** Faults in the language of who reads them. */

import { useI18n } from "vue-i18n";
import type { ApiFault, Fault as SingleFault } from "@/api/errors";
import type { Fault } from "@/ui/fault";

/** What of a fault is put into words. */
type Told = Pick<ApiFault, "code" | "message"> & Partial<Pick<ApiFault, "retryAfter">>;

/** What `ErrorState` shows of a fault: its kind in words, then what the server said. */
export function useFaultText() {
  const { t, te } = useI18n();

  function title(fault: Told): string {
    const known = `errors.${fault.code}.title`;
    return te(known) ? t(known) : t("errors.unknown.title");
  }

  function text(fault: Told): string {
    const own = `errors.${fault.code}.text`;
    if (!te(own)) return fault.message;
    return t(own, { seconds: Math.ceil(fault.retryAfter ?? 0) });
  }

  /** All of it where there is a single line: its kind, then what the server said. */
  function line(fault: Told): string {
    if (te(`errors.${fault.code}.text`)) return text(fault);
    return t("errors.line", { title: title(fault), message: fault.message });
  }

  /** A single thing that is wrong with what was sent; a screen that shows it loads the area `faults`. */
  function single(fault: Pick<SingleFault, "code" | "message">): string {
    const known = [`faults.${fault.code}`, `findings.${fault.code}.title`, "faults.other"].find((key) => te(key));
    return known ? t("errors.line", { title: t(known), message: fault.message }) : fault.message;
  }

  /** The fault as components take it. */
  function shown(fault: ApiFault): Fault {
    return { ...fault, message: text(fault) };
  }

  return { title, text, line, single, shown };
}
