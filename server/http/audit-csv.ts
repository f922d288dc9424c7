import { toCsv } from "#server/kernel/csv.ts";
import { listAudit } from "#server/overview/index.ts";
import { handle } from "./route.ts";

const HEADER = [
  "id",
  "at",
  "actor kind",
  "actor",
  "project",
  "action",
  "subject type",
  "subject",
  "summary",
  "details",
  "request",
];
const PAGE = 500;

/** The audit events that the filters of the query choose, all of them, newest first, as CSV; read and sent page by page. */
export const auditCsv = handle(async ({ actor, request }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  // The first page is read before the answer starts, so that a refusal is a refusal.
  let page = await listAudit(actor, { ...query, limit: PAGE });
  const encoder = new TextEncoder();
  let isFirst = true;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isFirst) {
        if (page.next === null) {
          controller.close();
          return;
        }
        page = await listAudit(actor, { ...query, limit: PAGE, before: page.next });
      }
      const rows = page.events.map((event) => [
        event.id,
        event.at,
        event.actorKind,
        event.actorName,
        event.project?.slug ?? event.projectId ?? "",
        event.action,
        event.subjectType,
        event.subjectId,
        event.summary,
        JSON.stringify(event.details),
        event.requestId,
      ]);
      const text = isFirst ? toCsv(HEADER, rows) : toCsv([], rows).slice(2);
      const lines = isFirst ? text : `\r\n${text}`;
      isFirst = false;
      controller.enqueue(encoder.encode(lines));
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="audit.csv"',
      "cache-control": "no-store",
    },
  });
});
