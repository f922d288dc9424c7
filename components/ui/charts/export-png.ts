import { download, fileStem } from "../csv.ts";

const SCALE = 2;
const PROPERTIES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "fill-opacity",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "color",
];

export type PictureName = { readonly name: string; readonly color: string; readonly dash?: string | undefined };

/** More names than this would make a picture of nothing but names. */
const MOST_NAMES = 40;

/**
 * Saves a drawn SVG or canvas as a PNG at twice its size, with the title above it and the names of its series: those given, or those of the legend in
 * the chart. The note goes below: what a reader has to know about a drawing, they have to know about its picture. Rejects when the browser cannot draw it.
 */
export async function exportPng(
  drawing: SVGSVGElement | HTMLCanvasElement,
  title: string,
  named?: readonly PictureName[],
  note = "",
): Promise<void> {
  const { width, height } = drawing.getBoundingClientRect();
  const picture = drawing instanceof HTMLCanvasElement ? drawing : await asPicture(drawing);

  const style = getComputedStyle(drawing.closest("figure") ?? document.body);
  const font = (weight: number, size: number): string => `${weight} ${size}px ${style.fontFamily}`;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("This browser cannot draw pictures.");
  pen.font = font(400, 12);
  const names = placeNames(
    named?.slice(0, MOST_NAMES) ?? shownInLegend(drawing),
    width,
    (text) => pen.measureText(text).width,
  );
  const head = 32 + names.height;
  const lines = linesOf(note, width - 24, (text) => pen.measureText(text).width);
  const foot = lines.length === 0 ? 0 : lines.length * LINE + 10;
  canvas.width = width * SCALE;
  canvas.height = (height + head + foot) * SCALE;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = resolveColor("--surface");
  pen.fillRect(0, 0, width, height + head + foot);
  pen.fillStyle = resolveColor("--text");
  pen.font = font(600, 13);
  pen.fillText(title, 12, 21, width - 24);
  pen.font = font(400, 12);
  for (const name of names.items) {
    pen.strokeStyle = name.color;
    pen.lineWidth = 3;
    pen.setLineDash(name.dash === undefined ? [] : [4, 3]);
    pen.beginPath();
    pen.moveTo(name.x, name.y - 4);
    pen.lineTo(name.x + 12, name.y - 4);
    pen.stroke();
    pen.fillStyle = resolveColor("--muted");
    pen.fillText(name.text, name.x + 18, name.y);
  }
  pen.drawImage(picture, 0, head, width, height);
  pen.fillStyle = resolveColor("--muted");
  lines.forEach((line, i) => pen.fillText(line, 12, head + height + LINE * (i + 1), width - 24));
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("This browser cannot draw pictures.");
  download(`${fileStem(title)}.png`, blob);
}

/** An SVG as the page shows it. Styles are written into a copy first: tokens and classes mean nothing outside the page. */
async function asPicture(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  inlineStyles(svg, copy);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();
  return picture;
}

/** Pixels from line to line of the note. */
const LINE = 16;

/** A text in lines that are no wider than the room, broken between words. */
function linesOf(text: string, room: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && measure(`${last} ${word}`) <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

type LegendName = { text: string; color: string; dash: string | undefined; x: number; y: number };

/** The names that the chart's own legend shows and that are not switched off. */
function shownInLegend(drawing: Element): PictureName[] {
  const legend = drawing.closest("figure")?.querySelector("[data-chart-legend]");
  const shown = legend?.querySelectorAll("button[aria-pressed=true], [data-mark]") ?? [];
  return Array.from(shown, (entry) => {
    const mark = entry.querySelector("svg > *");
    const look = mark === null ? null : getComputedStyle(mark);
    const color = look === null ? resolveColor("--muted") : look.stroke === "none" ? look.fill : look.stroke;
    const dashes = look === null || look.strokeDasharray === "none" ? undefined : look.strokeDasharray;
    return { name: entry.textContent, color, dash: dashes };
  });
}

/** Where the names of the series stand in the picture: lines of 18 px under the title. */
function placeNames(
  named: readonly PictureName[],
  width: number,
  measure: (text: string) => number,
): { items: LegendName[]; height: number } {
  const items: LegendName[] = [];
  let [x, y] = [12, 42];
  for (const { name, color, dash } of named) {
    const room = measure(name) + 34;
    if (x > 12 && x + room > width) [x, y] = [12, y + 18];
    const token = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
    items.push({ text: name, color: token === undefined ? color : resolveColor(token), dash, x, y });
    x += room;
  }
  return { items, height: items.length === 0 ? 0 : y - 24 };
}

/** The value of a colour token in the theme that is shown, as the browser writes it: "rgb(28, 26, 23)". For canvas and editors. */
export function resolveColor(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function inlineStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const property of PROPERTIES) {
    const value = style.getPropertyValue(property);
    if (value !== "") (to as SVGElement).style.setProperty(property, value);
  }
  for (let index = 0; index < from.children.length; index += 1) {
    const [a, b] = [from.children[index], to.children[index]];
    if (a !== undefined && b !== undefined) inlineStyles(a, b);
  }
}
