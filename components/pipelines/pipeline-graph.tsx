"use client";

import "@xyflow/react/dist/base.css";
import {
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { createContext, use, useEffect, useMemo } from "react";
import { cn } from "#components/ui/cn.ts";
import { statusTone } from "#components/ui/status-badge.tsx";
import { essentialEdges, type GraphStep, MOST_CELLS, NODE_WIDTH, placeSteps } from "./graph-layout.ts";
import { DurationAgainstMedian } from "./parts/duration-against-median.tsx";
import { PipelineStatus } from "./parts/step-status.tsx";

/** A step, or one cell of it. */
export interface Selection {
  readonly step: string;
  readonly cell: string;
}

interface Choice {
  readonly selected: Selection | null;
  readonly onSelect: ((selection: Selection) => void) | null;
}

const ChoiceContext = createContext<Choice>({ selected: null, onSelect: null });

type StepNode = Node<{ step: GraphStep; height: number }, "step">;

const EDGES: Record<string, string> = { good: "var(--good)", bad: "var(--bad)", info: "var(--info)" };

function StepBox({ data }: NodeProps<StepNode>) {
  const { step, height } = data;
  const { selected, onSelect } = use(ChoiceContext);
  const chosen = selected?.step === step.id;
  const head = (
    <>
      <span className="flex min-w-0 items-center justify-between gap-2">
        <span className="truncate text-sm font-medium">{step.id}</span>
        {step.status === null ? null : <PipelineStatus status={step.status} />}
      </span>
      <span className="flex items-center justify-between gap-2 text-2xs text-muted">
        <span>
          {step.kind !== "run" ? "built in" : step.cells.length > 0 ? `${step.cells.length} cells` : "command"}
        </span>
        {step.status === null ? null : (
          <DurationAgainstMedian
            startedAt={step.startedAt}
            finishedAt={null}
            durationMs={step.durationMs}
            medianMs={step.medianMs}
          />
        )}
      </span>
    </>
  );
  return (
    <div
      className={cn(
        // The library lets clicks through a node that it cannot select itself.
        "pointer-events-auto overflow-hidden rounded-md border bg-surface text-left",
        chosen ? "border-text ring-1 ring-text" : "border-line-strong/50",
      )}
      style={{ width: NODE_WIDTH, height }}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} className="opacity-0" />
      {onSelect === null ? (
        <div className="grid h-12 content-center gap-0.5 px-2.5">{head}</div>
      ) : (
        <button
          type="button"
          aria-pressed={chosen && step.cells.length === 0}
          onClick={() => onSelect({ step: step.id, cell: step.cells[0]?.key ?? "" })}
          className="nopan grid h-12 w-full content-center gap-0.5 px-2.5 text-left hover:bg-raised focus-visible:outline-offset-[-2px]"
        >
          {head}
        </button>
      )}
      {step.cells.slice(0, MOST_CELLS).map((cell) => (
        <CellLine
          key={cell.key}
          name={cell.key}
          status={cell.status}
          chosen={chosen && selected.cell === cell.key}
          onSelect={onSelect === null ? null : () => onSelect({ step: step.id, cell: cell.key })}
        />
      ))}
      {step.cells.length > MOST_CELLS ? (
        <p className="h-6 px-2.5 text-2xs leading-6 text-muted">and {step.cells.length - MOST_CELLS} more</p>
      ) : null}
      {step.note === null ? null : (
        <p className="h-6 truncate px-2.5 text-2xs leading-6 text-muted" title={step.note}>
          gate: {step.note}
        </p>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} className="opacity-0" />
    </div>
  );
}

/** "algo=gbm,seed=1" → "gbm, 1": the names are the same in every line. */
function valuesOf(key: string): string {
  return key
    .split(",")
    .map((part) => part.slice(part.indexOf("=") + 1))
    .join(", ");
}

function CellLine({
  name,
  status,
  chosen,
  onSelect,
}: {
  name: string;
  status: string | null;
  chosen: boolean;
  onSelect: (() => void) | null;
}) {
  const inside = (
    <>
      <span className="truncate font-mono" title={name.replaceAll(",", ", ")}>
        {valuesOf(name)}
      </span>
      {status === null ? null : <PipelineStatus status={status} />}
    </>
  );
  const look = "flex h-6 w-full items-center justify-between gap-2 px-2.5 text-2xs";
  return onSelect === null ? (
    <div className={look}>{inside}</div>
  ) : (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onSelect}
      className={cn(look, "nopan hover:bg-raised focus-visible:outline-offset-[-2px]", chosen && "bg-raised")}
    >
      {inside}
    </button>
  );
}

const FIT = { maxZoom: 1, minZoom: 0.7, padding: "16px" } as const;

/** Shows the whole graph again when the room for it or its shape has changed. */
function Refit({ shape }: { shape: string }) {
  const width = useStore((state) => state.width);
  const { fitView } = useReactFlow();
  useEffect(() => {
    void fitView(FIT);
  }, [width, shape, fitView]);
  return null;
}

const nodeTypes = { step: StepBox };

/** A pipeline as a graph, left to right. With `onSelect` steps and cells can be chosen; without, it is a picture. */
export function PipelineGraph({
  steps,
  edges,
  selected = null,
  onSelect = null,
  label,
}: {
  steps: readonly GraphStep[];
  edges: readonly (readonly [string, string])[];
  selected?: Selection | null;
  onSelect?: ((selection: Selection) => void) | null;
  label: string;
}) {
  const lines = useMemo(() => essentialEdges(edges), [edges]);
  const placed = useMemo(() => placeSteps(steps, lines), [steps, lines]);
  const nodes = placed.map(
    ({ step, x, y, height }): StepNode => ({
      id: step.id,
      type: "step",
      position: { x, y },
      data: { step, height },
      width: NODE_WIDTH,
      height,
      focusable: false,
      draggable: false,
      selectable: false,
    }),
  );
  const statusOf = new Map(steps.map((step) => [step.id, step.status]));
  const drawn = lines.map(([from, to]): Edge => {
    const status = statusOf.get(from) ?? null;
    const stroke = (status === null ? undefined : EDGES[statusTone(status)]) ?? "var(--line-strong)";
    return {
      id: `${from} ${to}`,
      source: from,
      target: to,
      focusable: false,
      animated: statusOf.get(to) === "running",
      style: { stroke, strokeWidth: 1.5, opacity: 0.7 },
    };
  });
  const bottom = Math.max(...placed.map((p) => p.y + p.height), 0);
  const choice = useMemo(() => ({ selected, onSelect }), [selected, onSelect]);
  return (
    <ChoiceContext value={choice}>
      <div
        role="group"
        aria-label={label}
        className="w-full [&_.react-flow__edge.animated_path]:motion-reduce:animate-none"
        style={{ height: Math.min(Math.max(bottom + 40, 140), 460) }}
      >
        <ReactFlow
          nodes={nodes}
          edges={drawn}
          nodeTypes={nodeTypes}
          fitView
          fitViewOptions={FIT}
          minZoom={0.3}
          maxZoom={1.5}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          zoomOnDoubleClick={false}
          proOptions={{ hideAttribution: true }}
        >
          <Refit shape={steps.map((step) => `${step.id} ${step.cells.length}`).join()} />
          {steps.length > 5 ? (
            <Controls
              showInteractive={false}
              position="bottom-right"
              className="flex overflow-hidden rounded-md border bg-surface [&_button]:grid [&_button]:size-7 [&_button]:place-items-center [&_button]:hover:bg-raised [&_svg]:size-3 [&_svg]:fill-current"
            />
          ) : null}
        </ReactFlow>
      </div>
    </ChoiceContext>
  );
}
