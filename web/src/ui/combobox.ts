import type { Option, Size } from "@/ui/options";

export interface ComboboxProps<Value extends string> {
  options: readonly Option<Value>[];
  placeholder?: string | undefined;
  label?: string | undefined;
  id?: string | undefined;
  size?: Size;
  disabled?: boolean;
  invalid?: boolean;
  required?: boolean;
  clearable?: boolean;
  /** What is typed may become the value although no option has it. */
  free?: boolean;
  /** The owner filters (on `query`); otherwise options are filtered here. */
  remote?: boolean;
  loading?: boolean;
  /** The owner found nothing out and says so beside the field: the list does not cover it. */
  failed?: boolean;
}

/** What somebody did in the plain field that stands there until the one with a list is loaded. */
export interface Begun {
  /** Pressed it, which opens the list. */
  isPressed: boolean;
  /** Typed it; null where nothing was. */
  text: string | null;
}

export const comboboxSizes: Record<Size, string> = {
  sm: "h-7 px-2 text-xs",
  md: "h-8 px-2.5 text-sm",
  lg: "h-10 px-3 text-base",
};
