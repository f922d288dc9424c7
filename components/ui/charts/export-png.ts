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

/**
 * Saves a drawn SVG as a PNG at twice its size, with the title above it. Styles are written into a copy first: tokens and
 * classes mean nothing outside the page. Rejects when the browser cannot draw it.
 */
export async function exportPng(svg: SVGSVGElement, title: string): Promise<void> {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  inlineStyles(svg, copy);
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();

  const head = 32;
  const style = getComputedStyle(svg.closest("section, figure") ?? document.body);
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = (height + head) * SCALE;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("This browser cannot draw pictures.");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = resolveColor("--surface");
  pen.fillRect(0, 0, width, height + head);
  pen.fillStyle = resolveColor("--text");
  pen.font = `600 13px ${style.fontFamily}`;
  pen.fillText(title, 12, 21, width - 24);
  pen.drawImage(picture, 0, head, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("This browser cannot draw pictures.");
  download(`${fileStem(title)}.png`, blob);
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
