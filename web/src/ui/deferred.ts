import { markRaw, shallowRef, type Component } from "vue";

/**
 * A part that nobody sees before reaching for it: loaded when somebody points at what opens it, or
 * tabs there, so that pages need not bring it along.
 */
export function useDeferred<Part extends Component>(load: () => Promise<{ default: Part }>) {
  const part = shallowRef<Part | null>(null);

  async function prepare(): Promise<void> {
    part.value ??= markRaw((await load()).default);
  }

  return { part, prepare };
}
