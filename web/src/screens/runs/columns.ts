/** What the table of runs shows. */

import { computed } from "vue";
import { useI18n } from "vue-i18n";
import type { Run } from "@/api/types";
import { useFormat } from "@/i18n/format";
import { mainMetric } from "@/runs/charts";
import type { Column } from "@/ui/table";

export function useColumns() {
  const { t } = useI18n();
  const format = useFormat();

  return computed<Column<Run>[]>(() => [
    { id: "name", label: t("runs.column.name"), value: (run) => run.name, width: 200, grow: 3, sortable: true, hideable: false, phone: "title" },
    { id: "status", label: t("runs.column.status"), value: (run) => run.status, width: 130, grow: 0, sortable: true },
    { id: "progress", label: t("runs.column.progress"), value: (run) => run.progress?.epoch, width: 130, grow: 0 },
    { id: "metric", label: t("runs.column.metric"), value: (run) => mainMetric(run.metrics)?.[1], width: 170 },
    { id: "model", label: t("runs.column.model"), value: (run) => run.model, width: 140, sortable: true, mono: true },
    { id: "dataset", label: t("runs.column.dataset"), value: (run) => run.dataset, width: 100, mono: true, phone: "hide" },
    { id: "duration_seconds", label: t("runs.column.duration"), value: (run) => run.duration_seconds, format: (_, run) => format.duration(run.duration_seconds), width: 90, grow: 0, align: "end", mono: true },
    { id: "created_at", label: t("runs.column.created"), value: (run) => run.created_at, format: (_, run) => format.relative(run.created_at), width: 120, grow: 0, align: "end", sortable: true },
  ]);
}
