import { defineScreen } from "@/app/screen";
import { askAhead } from "./data/ahead";

export default defineScreen({
  routes: [
    {
      path: "/runs/:id",
      component: () => import("./index.vue"),
      meta: {
        title: "run.title",
        askAhead: ({ name, params }) => askAhead(String(params.id), name === "run"),
      },
      children: [
        {
          path: "",
          name: "run",
          component: () => import("./overview/OverviewTab.vue"),
          meta: { parts: () => import("./overview/MetricCharts.vue") },
        },
        { path: "log", name: "run-log", component: () => import("./log/LogTab.vue") },
        {
          path: "checkpoints",
          name: "run-checkpoints",
          component: () => import("./checkpoints/CheckpointsTab.vue"),
        },
        { path: "results", name: "run-results", component: () => import("./results/ResultsTab.vue") },
        {
          path: "alerts",
          name: "run-alerts",
          component: () => import("./alerts/AlertsTab.vue"),
          meta: { areas: ["alerts", "failures"] },
        },
        {
          path: "provenance",
          name: "run-provenance",
          component: () => import("./provenance/ProvenanceTab.vue"),
        },
      ],
    },
  ],
});
