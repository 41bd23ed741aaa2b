export interface Column<Row> {
  id: string;
  label: string;
  /** What stands in the cell, sorted by and shown when no slot `cell-<id>` is given. */
  value: (row: Row) => string | number | boolean | null | undefined;
  format?: ((value: ReturnType<Column<Row>["value"]>, row: Row) => string) | undefined;
  align?: "start" | "end" | undefined;
  /** At least so many pixels (120). */
  width?: number | undefined;
  /** Its share of the room that is left (1); 0 keeps the width. */
  grow?: number | undefined;
  sortable?: boolean | undefined;
  hideable?: boolean | undefined;
  mono?: boolean | undefined;
  /** On a phone's card: the first line, or nothing. */
  phone?: "title" | "hide" | undefined;
}

export interface Sort {
  id: string;
  descending: boolean;
}

export const CHECK_WIDTH = 40;

/** The tracks of one row, alike in the head and in every row. */
export function tracks<Row>(columns: readonly Column<Row>[], selectable: boolean): string {
  const own = columns.map(({ width = 120, grow = 1 }) =>
    grow > 0 ? `minmax(${width}px, ${grow}fr)` : `${width}px`,
  );
  return [...(selectable ? [`${CHECK_WIDTH}px`] : []), ...own].join(" ");
}

export function leastWidth<Row>(columns: readonly Column<Row>[], selectable: boolean): number {
  const own = columns.reduce((sum, { width = 120 }) => sum + width, 0);
  return own + (selectable ? CHECK_WIDTH : 0);
}

export function cellText<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (column.format) return column.format(value, row);
  return value === null || value === undefined || value === "" ? "–" : String(value);
}

/** The next state of a column's header: ascending, descending, as it came. */
export function nextSort(sort: Sort | null, id: string): Sort | null {
  if (sort?.id !== id) return { id, descending: false };
  return sort.descending ? null : { id, descending: true };
}

/** Rows by one column; what has no value stands last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  column: Column<Row> | undefined,
  sort: Sort | null,
): readonly Row[] {
  if (!column || !sort) return rows;
  const turn = sort.descending ? -1 : 1;
  const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  return rows.toSorted((one, other) => {
    const a = column.value(one) ?? null;
    const b = column.value(other) ?? null;
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === "string" || typeof b === "string") {
      return turn * words.compare(String(a), String(b));
    }
    return turn * (Number(a) - Number(b));
  });
}
