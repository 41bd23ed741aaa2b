/** Why a run failed, by its code, in the language of who reads it. */

import { useI18n } from "vue-i18n";

type Code = string | null | undefined;

/** What a code means as far as that is finite; what the trainer or the server said goes below it. */
export function useFailureText() {
  const { t, te } = useI18n();

  function title(code: Code): string | null {
    const own = `failures.${code}.title`;
    if (te(own)) return t(own);
    const shared = `errors.${code}.title`;
    return te(shared) ? t(shared) : null;
  }

  function hint(code: Code): string | null {
    const own = `failures.${code}.hint`;
    return te(own) ? t(own) : null;
  }

  return { title, hint };
}
