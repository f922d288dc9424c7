"use client";

import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { type ModelSignature, shapeText, type TensorSignature } from "#server/registry/contract.ts";
import { type FilePlace, onnxQuery } from "./artifact-queries.ts";

/** What a model takes and gives, read from its file without loading it. */
export function OnnxView({ place }: { place: FilePlace }) {
  const query = useQuery(onnxQuery(place));
  if (query.error) return <EmptyState>{query.error.message}</EmptyState>;
  if (!query.data)
    return (
      <div className="p-3">
        <Skeleton className="h-32 w-full" />
      </div>
    );
  return <Signature signature={query.data} />;
}

function Signature({ signature }: { signature: ModelSignature }) {
  const { producer } = signature;
  return (
    <div className="space-y-4 p-3">
      <Tensors title="Inputs" tensors={signature.inputs} />
      <Tensors title="Outputs" tensors={signature.outputs} />
      <KeyValue
        columns={2}
        items={[
          { label: "Task", value: signature.task ?? "not stated" },
          { label: "Classes", value: signature.classes?.join(", ") ?? "not stated" },
          { label: "Operators", value: signature.opset.map((o) => `${o.domain || "ai.onnx"} ${o.version}`).join(", ") },
          { label: "Made by", value: `${producer.name} ${producer.version}`.trim() || "not stated" },
        ]}
      />
    </div>
  );
}

function Tensors({ title, tensors }: { title: string; tensors: readonly TensorSignature[] }) {
  return (
    <table className="w-full text-xs">
      <caption className="pb-1 text-left text-sm font-medium">{title}</caption>
      <thead className="text-left text-muted">
        <tr>
          <th className="py-1 font-medium">Name</th>
          <th className="py-1 font-medium">Type</th>
          <th className="py-1 font-medium">Shape</th>
        </tr>
      </thead>
      <tbody>
        {tensors.map((tensor) => (
          <tr key={tensor.name} className="border-t">
            <td className="py-1 font-mono">{tensor.name}</td>
            <td className="py-1 font-mono">{tensor.datatype}</td>
            <td className="py-1 font-mono">{shapeText(tensor)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
