"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { api } from "#components/ui/api.ts";
import { Badge } from "#components/ui/badge.tsx";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import { type Column, DataTable } from "#components/ui/data-table/data-table.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Select } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Time } from "#components/ui/values.tsx";
import { type MemberDto, ProjectRole } from "#server/identity/contract.ts";
import { AddMemberDialog } from "./add-member-dialog.tsx";
import { ROLE_WORDS } from "./role-words.ts";
import { projectMembers } from "./queries.ts";

interface Props {
  project: string;
  members: readonly MemberDto[];
  /** Whether the reader may add, change and remove. */
  mayManage: boolean;
}

/** Who belongs to the project, as what, and whether the identity provider still grants it. */
export function MembersCard({ project, members: initial, mayManage }: Props) {
  const { data: members, error, refetch } = useQuery(projectMembers(project, initial));
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<MemberDto | null>(null);
  const changed = () => queries.invalidateQueries({ queryKey: [project, "projects"] });
  const setRole = useMutation({
    mutationFn: (body: { handle: string; role: string }) =>
      api(`/api/v1/projects/${project}/members`, { method: "PUT", body }),
    onSuccess: async (_, { role }) => {
      toast.success(`Now a ${role}`);
      await changed();
    },
    onError: (failure) => toast.error(failure),
  });
  const columns: Column<MemberDto>[] = [
    { id: "name", header: "Name", value: (m) => m.name, cell: (m) => <span className="font-medium">{m.name}</span> },
    {
      id: "email",
      header: "E-mail",
      value: (m) => `${m.email} ${m.handle}`,
      cell: (m) => m.email,
      grow: 2,
      width: 180,
    },
    {
      id: "role",
      header: "Role",
      value: (m) => m.role,
      cell: (m) =>
        mayManage ? (
          <Select
            size="sm"
            aria-label={`Role of ${m.name}`}
            value={m.role}
            disabled={setRole.isPending}
            options={ProjectRole.options.map((role) => ({ value: role, label: role }))}
            onClick={(event) => event.stopPropagation()}
            onValueChange={(role) => setRole.mutate({ handle: m.handle, role })}
          />
        ) : (
          m.role
        ),
      width: 150,
      grow: 0,
    },
    {
      id: "granted",
      header: "Granted",
      value: (m) => m.effectiveRole ?? "nothing",
      cell: (m) => <Granted member={m} />,
      grow: 2,
      width: 220,
      description: "A role holds while the identity provider says so",
    },
    { id: "since", header: "Since", value: (m) => m.since, cell: (m) => <Time at={m.since} />, width: 120, grow: 0 },
  ];
  const add = mayManage ? (
    <AddMemberDialog project={project} members={members} onAdded={() => void changed()} />
  ) : undefined;
  return (
    <>
      <DataTable
        label="Members"
        rows={members}
        columns={columns}
        rowId={(m) => m.userId}
        search="Search members"
        error={error}
        onRetry={() => void refetch()}
        actions={add}
        {...(mayManage
          ? {
              rowMenu: (m: MemberDto) => [
                { label: "Remove from the project", danger: true, onSelect: () => setLeaving(m) },
              ],
            }
          : {})}
        empty={
          <EmptyState icon={<Users aria-hidden />} action={add}>
            Nobody belongs to this project yet; administrators see it all the same.
          </EmptyState>
        }
      />
      {mayManage ? null : (
        <p className="mt-2 text-xs text-muted">A maintainer of the project adds and removes members.</p>
      )}
      <ConfirmDialog
        title={`Remove ${leaving?.name ?? ""}?`}
        touches={`${leaving?.name ?? "They"} will no longer see this project, and their tokens for it stop working at once. What they made stays.`}
        action="Remove"
        danger
        open={leaving !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) setLeaving(null);
        }}
        onConfirm={async () => {
          await api(`/api/v1/projects/${project}/members/${encodeURIComponent(leaving?.handle ?? "")}`, {
            method: "DELETE",
          });
          await changed();
        }}
      />
    </>
  );
}

function Granted({ member }: { member: MemberDto }) {
  if (member.effectiveRole === member.role) return <span className="text-muted">{ROLE_WORDS[member.role]}</span>;
  return (
    <Badge tone="warn">
      {member.effectiveRole === null
        ? "The identity provider grants nothing any more"
        : `The identity provider grants ${member.effectiveRole} only`}
    </Badge>
  );
}
