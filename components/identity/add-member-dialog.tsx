"use client";

import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { ErrorNote } from "#components/ui/error-note.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { toast } from "#components/ui/toast.tsx";
import { RadioGroup } from "#components/ui/toggle.tsx";
import { effectiveRole, type MemberDto, type PersonDto, ProjectRole } from "#server/identity/contract.ts";
import { peopleLike } from "./queries.ts";
import { ROLE_WORDS } from "./role-words.ts";

interface Props {
  project: string;
  members: readonly MemberDto[];
  onAdded: () => void;
}

/** Finds a person who has signed in once and gives them a role. */
export function AddMemberDialog({ project, members, onAdded }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      title="Add a member"
      description="People appear here after signing in once."
      size="md"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant="primary" icon={<UserPlus aria-hidden />}>
          Add member
        </Button>
      }
    >
      <Form
        project={project}
        members={members}
        onAdded={() => {
          setOpen(false);
          onAdded();
        }}
      />
    </Dialog>
  );
}

function Form({ project, members, onAdded }: Props) {
  const [text, setText] = useState("");
  const [person, setPerson] = useState<PersonDto | null>(null);
  const [role, setRole] = useState<ProjectRole>("viewer");
  const found = useQuery({ ...peopleLike(project, useDeferredValue(text.trim())), placeholderData: keepPreviousData });
  const known = new Set(members.map((member) => member.userId));
  const others = (found.data ?? []).filter((each) => !known.has(each.id)).slice(0, 8);
  const held = person === null ? role : effectiveRole(role, person.platformRoles);
  const mutation = useMutation({
    mutationFn: () =>
      api(`/api/v1/projects/${project}/members`, { method: "PUT", body: { handle: person?.handle ?? "", role } }),
    onSuccess: () => {
      toast.success(`${person?.name ?? "The person"} is a ${role} now`);
      onAdded();
    },
  });
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (person !== null) mutation.mutate();
      }}
    >
      <Field label="Person" error={fieldError(mutation.error, "handle")}>
        <Input value={text} placeholder="Name, handle or e-mail" onChange={(event) => setText(event.target.value)} />
      </Field>
      {found.isError ? <ErrorNote error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.isSuccess && others.length === 0 ? (
        <p className="text-sm text-muted">
          {text === "" ? "Everybody who has signed in is a member already." : "Nobody else is called that."}
        </p>
      ) : (
        <ul aria-label="People found" className="max-h-56 overflow-y-auto rounded-md border">
          {others.map((each) => (
            <li key={each.id}>
              <button
                type="button"
                aria-pressed={person?.id === each.id}
                onClick={() => setPerson(each)}
                className="flex w-full items-center gap-2 px-2.5 py-1.5 text-left text-sm hover:bg-raised aria-pressed:bg-raised aria-pressed:font-medium"
              >
                <span className="min-w-0 flex-1 truncate">{each.name}</span>
                <span className="truncate text-xs text-muted">{each.email}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <RadioGroup
        label="Role"
        value={role}
        onValueChange={(value) => setRole(ProjectRole.parse(value))}
        options={ProjectRole.options.map((value) => ({ value, label: value, hint: ROLE_WORDS[value] }))}
      />
      {person !== null && held !== role ? (
        <p role="status" className="text-sm text-warn">
          The identity provider grants {person.name} {held === null ? "nothing" : `${held} only`} today, so the role{" "}
          {role} has no effect until it grants more.
        </p>
      ) : null}
      <FormError error={mutation.error} fields={["handle"]} />
      <DialogFooter>
        <Button type="submit" variant="primary" disabled={person === null} loading={mutation.isPending}>
          {person === null ? "Choose a person" : `Add ${person.name}`}
        </Button>
      </DialogFooter>
    </form>
  );
}
