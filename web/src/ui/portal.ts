import { inject, type InjectionKey } from "vue";

const portalKey: InjectionKey<string> = Symbol("portal");

/** Where menus, dialogs and tooltips are put: a part of the page with its own theme may differ. */
export function portalTarget(): string {
  return inject(portalKey, "body");
}

export { portalKey };
