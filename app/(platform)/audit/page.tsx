import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AuditTrail } from "#components/overview/audit-trail.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { pageSession } from "#server/http/page.ts";
import { can } from "#server/identity/contract.ts";

export const metadata: Metadata = { title: "Audit" };

/** The audit trail of what the reader may see: of the platform for administrators, of their projects for others. */
export default async function AuditPage() {
  const { projects, person } = await pageSession();
  const readable = projects.filter((project) => can(project.scopes, "audit:read"));
  const isAdministrator = person.platformRoles.includes("administrator");
  if (readable.length === 0 && !isAdministrator) notFound();
  return (
    <>
      <PageHeader
        title="Audit"
        meta={
          isAdministrator ? "Every change on the platform" : "Every change in the projects whose trail you may read"
        }
      />
      <AuditTrail projects={readable.map(({ slug, name }) => ({ slug, name }))} />
    </>
  );
}
