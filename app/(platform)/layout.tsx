import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";
import { pageSession } from "#server/http/page.ts";

/** The frame of the pages outside projects: home, inbox, audit, control plane. */
export default async function PlatformLayout({ children }: { children: ReactNode }) {
  const { person, projects, inboxUnread, environment } = await pageSession();
  return (
    <AppShell person={person} projects={projects} project={null} inboxUnread={inboxUnread} environment={environment}>
      {children}
    </AppShell>
  );
}
