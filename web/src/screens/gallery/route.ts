import { defineScreen } from "@/app/screen";

export default defineScreen({
  routes: [
    {
      path: "/gallery",
      name: "gallery",
      component: () => import("./index.vue"),
      meta: { title: "gallery.title", public: true, bare: true },
    },
  ],
});
