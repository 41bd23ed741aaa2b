import { computed, inject, type ComputedRef, type InjectionKey } from "vue";

/** What a Field tells the control inside it, so that label, hint and error are tied to it. */
export interface FieldContext {
  id: string;
  labelId: string;
  describedBy: ComputedRef<string | undefined>;
  invalid: ComputedRef<boolean>;
  required: ComputedRef<boolean>;
}

export const fieldContext: InjectionKey<FieldContext> = Symbol("field");

interface ControlProps {
  id?: string | undefined;
  label?: string | undefined;
  invalid?: boolean | undefined;
  required?: boolean | undefined;
}

/** The attributes that name and describe a control, from its own props or the Field around it. */
export function useControl(props: ControlProps) {
  const field = inject(fieldContext, null);
  return {
    attributes: computed(() => ({
      id: props.id ?? field?.id,
      "aria-label": props.label,
      "aria-describedby": field?.describedBy.value,
      "aria-invalid": props.invalid || field?.invalid.value ? ("true" as const) : undefined,
      "aria-required": props.required || field?.required.value ? ("true" as const) : undefined,
    })),
    /** For a group of controls, which a `<label for>` cannot name. */
    labelledBy: computed(() => (props.label ? undefined : field?.labelId)),
  };
}
