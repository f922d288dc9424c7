import type { Annotation } from "./line-data.ts";
import { annotationColors } from "./palette.ts";

type AnnotationWordProps = {
  /** Where the line of the annotation is drawn, in pixels; Recharts says it. */
  at: { x?: number | undefined; y?: number | undefined } | undefined;
  text: string;
  kind: Annotation["kind"];
  /** Which end of the word stands at the line. */
  anchor: "start" | "end";
};

/** The word over the line of an annotation. Nothing while the chart has no size, or when the word has no room. */
export function AnnotationWord({ at, text, kind, anchor }: AnnotationWordProps) {
  if (at?.x === undefined || at.y === undefined || text === "") return null;
  return (
    <text
      x={anchor === "start" ? at.x - 2 : at.x + 2}
      y={at.y - 5}
      textAnchor={anchor}
      fontSize={10}
      fill={annotationColors[kind ?? "deployment"]}
    >
      {text}
    </text>
  );
}
