import type { ReactNode } from "react";
import type { ExampleInput } from "#server/serving/contract.ts";
import { type ModelSignature, shapeText, type TensorSignature } from "#server/registry/contract.ts";
import { Card } from "#components/ui/card.tsx";
import { KeyValue } from "#components/ui/key-value.tsx";

const ROLES: Readonly<Record<string, string>> = {
  label: "the predicted class",
  probabilities: "one probability per class",
  value: "the predicted number",
};

/** What a request must hold and what an answer holds, read from the model's own file. */
export function SchemaPanel({ signature, example }: { signature: ModelSignature; example: readonly ExampleInput[] }) {
  const roleOf = (name: string) => Object.entries(signature.roles).find(([, output]) => output === name)?.[0] ?? "";
  const exampleOf = (name: string) =>
    example
      .find((input) => input.name === name)
      ?.data.map(String)
      .join(", ") ?? "";
  return (
    <div className="space-y-4">
      <Card
        title="Inputs"
        description="Each once in a request, in any order; the first dimension is the number of rows."
        padded={false}
      >
        <Tensors
          tensors={signature.inputs}
          last="Example"
          lastOf={(tensor) => <code className="text-xs break-all">{exampleOf(tensor.name)}</code>}
        />
      </Card>
      <Card title="Outputs" padded={false}>
        <Tensors
          tensors={signature.outputs}
          last="Meaning"
          lastOf={(tensor) => ROLES[roleOf(tensor.name)] ?? "as the model's author says"}
        />
      </Card>
      <Card title="Model">
        <KeyValue
          items={[
            { label: "Task", value: signature.task ?? "not stated in the file" },
            signature.classes && { label: "Classes", value: signature.classes.join(", ") },
            signature.positive !== null && { label: "Positive class", value: signature.positive },
            {
              label: "Made by",
              value: `${signature.producer.name} ${signature.producer.version}`.trim() || "not stated",
            },
            {
              label: "Operator sets",
              value: signature.opset.map((set) => `${set.domain || "ai.onnx"} ${set.version}`).join(", "),
            },
          ]}
        />
      </Card>
    </div>
  );
}

function Tensors({
  tensors,
  last,
  lastOf,
}: {
  tensors: readonly TensorSignature[];
  last: string;
  lastOf: (tensor: TensorSignature) => ReactNode;
}) {
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-xs">
        <thead className="text-left text-muted">
          <tr className="border-b">
            {["Name", "Type", "Shape", last].map((head) => (
              <th key={head} scope="col" className="h-8 px-3 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {tensors.map((tensor) => (
            <tr key={tensor.name} className="h-8 border-b last:border-0">
              <th scope="row" className="px-3 text-left font-mono font-medium">
                {tensor.name}
              </th>
              <td className="px-3 font-mono">{tensor.datatype}</td>
              <td className="px-3 font-mono whitespace-nowrap">{shapeText(tensor)}</td>
              <td className="px-3">{lastOf(tensor)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
