import { TriangleAlert } from "lucide-react";
import { TextLink } from "#components/ui/button.tsx";
import type { PipelineFileDto } from "#server/pipelines/contract.ts";

/** What is wrong with a pipeline file, line by line; nothing when it is right. */
export function FileProblems({ project, file }: { project: string; file: PipelineFileDto }) {
  if (file.problems.length === 0) return null;
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium">
          {file.path} cannot be run.{" "}
          <TextLink href={`/p/${project}/code?file=${encodeURIComponent(file.path)}`}>Open it</TextLink>
        </p>
        <ul className="space-y-1">
          {file.problems.map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.message}`}>
              <code className="text-xs">
                line {problem.line}, column {problem.column}
              </code>{" "}
              {problem.message} <span className="text-muted">{problem.remedy}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
