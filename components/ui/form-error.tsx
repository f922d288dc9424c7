import { CircleAlert } from "lucide-react";
import { toProblem } from "./api.ts";
import { Remedy, RequestId } from "./error-note.tsx";

/**
 * The refusal of a form, above its buttons: what happened, what to do, the request id. Nothing when `error` is null.
 * `fields` names the controls that show their own message, so that it is not said twice.
 */
export function FormError({ error, fields = [] }: { error: unknown; fields?: readonly string[] | undefined }) {
  if (error === null || error === undefined) return null;
  const problem = toProblem(error);
  const places = [problem.field, ...(problem.issues ?? []).map((issue) => issue.field)].filter(
    (place) => place !== undefined,
  );
  if (places.length > 0 && places.every((place) => fields.includes(place))) return null;
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{problem.title}</p>
        {problem.detail === undefined || problem.detail === problem.title ? null : <p>{problem.detail}</p>}
        {(problem.issues ?? []).length > 1 ? (
          <ul className="list-disc pl-4">
            {problem.issues?.map((issue) => (
              <li key={issue.field}>
                <code className="text-xs">{issue.field}</code>: {issue.message}
              </li>
            ))}
          </ul>
        ) : null}
        <Remedy problem={problem} />
        <RequestId id={problem.requestId} />
      </div>
    </div>
  );
}
