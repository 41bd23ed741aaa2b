import type { CanvasColors } from "@/charts/palette";

interface Named {
  label: string;
  hue?: number | undefined;
  hidden: boolean;
}

/** A drawn canvas as a picture that stands alone: on its ground, with its title and legend. */
export function chartPng(
  canvas: HTMLCanvasElement,
  title: string,
  series: readonly Named[],
  colors: CanvasColors,
): Promise<Blob | null> {
  const ratio = globalThis.devicePixelRatio || 1;
  const edge = 16 * ratio;
  const line = 20 * ratio;
  const shown = series
    .map((one, place) => ({ ...one, color: colors.hues[(one.hue ?? place + 1) - 1] ?? colors.ink }))
    .filter((one) => !one.hidden);
  const picture = document.createElement("canvas");
  picture.width = canvas.width + edge * 2;
  picture.height = canvas.height + edge * 3 + line * (1 + shown.length);
  const context = picture.getContext("2d");
  if (!context) return Promise.resolve(null);
  context.fillStyle = colors.raised;
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = colors.ink;
  context.textBaseline = "top";
  context.font = `600 ${14 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  context.fillText(title, edge, edge);
  context.drawImage(canvas, edge, edge * 1.5 + line);
  context.font = `${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  shown.forEach((one, place) => {
    const top = edge * 2 + line * (1 + place) + canvas.height;
    context.fillStyle = one.color;
    context.fillRect(edge, top + 5 * ratio, 14 * ratio, 3 * ratio);
    context.fillStyle = colors.ink;
    context.fillText(one.label, edge + 22 * ratio, top);
  });
  return new Promise((resolve) => picture.toBlob(resolve, "image/png"));
}

/** Hands a file to the reader. */
export function save(blob: Blob, name: string) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
