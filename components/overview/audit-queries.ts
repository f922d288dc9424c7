import { infiniteQueryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { AuditTrailPage } from "#server/overview/contract.ts";

export interface AuditFilters {
  readonly project: string;
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly q: string;
}

/** The filters in the names that the server knows; empty ones are left out. */
export function auditParameters({ project, action, actor, subject, q }: AuditFilters): Record<string, string> {
  const known = { project, action, actor, subjectType: subject, query: q };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ""));
}

/** The audit trail page by page, newest first. */
export function auditTrail(filters: AuditFilters) {
  return infiniteQueryOptions({
    queryKey: ["platform", "audit", filters],
    queryFn: ({ pageParam, signal }) =>
      api<AuditTrailPage>("/api/v1/audit", {
        query: { ...auditParameters(filters), ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
