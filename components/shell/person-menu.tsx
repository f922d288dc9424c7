"use client";

import { LogOut } from "lucide-react";
import { api } from "#components/ui/api.ts";
import { humanise } from "#components/ui/format.ts";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { toast } from "#components/ui/toast.tsx";
import type { ShellPerson } from "./navigation.tsx";

/** Ends the session here and at the identity provider, whose address must be asked for while the session still lives. */
export async function signOutEverywhere(): Promise<void> {
  try {
    const { url } = await api<{ url: string }>("/api/v1/session/logout-url", { method: "POST" });
    const { signOut } = await import("next-auth/react");
    await signOut({ redirect: false });
    window.location.assign(url);
  } catch (error) {
    toast.error(error);
  }
}

/** Who is signed in, and the way out. */
export function PersonMenu({ person }: { person: ShellPerson }) {
  return (
    <DropdownMenu
      header={
        <div className="space-y-0.5">
          <p className="text-sm font-medium">{person.name}</p>
          <p className="truncate text-xs text-muted">{person.email}</p>
          {person.platformRoles.length === 0 ? null : (
            <p className="text-xs text-muted">{person.platformRoles.map(humanise).join(", ")}</p>
          )}
        </div>
      }
      trigger={
        <button
          type="button"
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-full border border-line-strong/60 bg-raised text-2xs font-semibold hover:border-line-strong"
        >
          <span aria-hidden>{initials(person.name)}</span>
          <span className="sr-only">{person.name}, account</span>
        </button>
      }
      items={[{ label: "Sign out", icon: <LogOut aria-hidden />, onSelect: () => void signOutEverywhere() }]}
    />
  );
}

function initials(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter(Boolean);
  return `${words[0]?.charAt(0) ?? "?"}${words.length > 1 ? (words.at(-1)?.charAt(0) ?? "") : ""}`.toUpperCase();
}
