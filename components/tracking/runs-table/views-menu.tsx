"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, ChevronDown } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogClose, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input } from "#components/ui/input.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { toast } from "#components/ui/toast.tsx";
import { Checkbox } from "#components/ui/toggle.tsx";
import { setSearchParams, useSearch } from "#components/ui/url-state.ts";
import type { RunViewDto } from "#server/tracking/contract.ts";
import { deleteView, saveView, updateView, viewsQuery } from "./queries.ts";
import { STATE_PARAMS } from "./table-state.ts";

/** The state of the table in an address, in one order, without what does not belong to it. */
function stateOf(search: URLSearchParams): string {
  const state = new URLSearchParams();
  for (const name of STATE_PARAMS) {
    const value = search.get(name);
    if (value !== null && value !== "") state.set(name, value);
  }
  return state.toString();
}

function open(view: RunViewDto): void {
  const state = new URLSearchParams(view.state);
  setSearchParams(
    { ...Object.fromEntries(STATE_PARAMS.map((name) => [name, state.get(name)])), saved: view.id },
    { push: true },
  );
}

/** The saved views of the runs table: open, keep, change, share, delete. */
export function ViewsMenu({ project }: { project: string }) {
  const queries = useQueryClient();
  const search = useSearch();
  const views = useQuery(viewsQuery(project));
  const [saving, setSaving] = useState(false);
  const state = stateOf(search);
  const current = views.data?.find((view) => view.id === search.get("saved"));
  const changed = current !== undefined && stateOf(new URLSearchParams(current.state)) !== state;
  const refresh = () => queries.invalidateQueries({ queryKey: [project, "run-views"] });
  const change = useMutation({
    mutationFn: (changes: { shared?: boolean; state?: string }) => updateView(project, current?.id ?? "", changes),
    onSuccess: async (view) => {
      await refresh();
      toast.success(`View “${view.name}” saved`);
    },
    onError: (error) => toast.error(error),
  });
  const remove = useMutation({
    mutationFn: (view: RunViewDto) => deleteView(project, view.id),
    onSuccess: async (_, view) => {
      setSearchParams({ saved: null });
      await refresh();
      toast.success(`View “${view.name}” deleted`, {
        action: {
          label: "Undo",
          onClick: () =>
            void saveView(project, { name: view.name, shared: view.shared, state: view.state }).then(refresh),
        },
      });
    },
    onError: (error) => toast.error(error),
  });
  const item = (view: RunViewDto) => ({
    label: view.name,
    note: view.mine ? undefined : view.createdByName,
    onSelect: () => open(view),
  });
  const mine = views.data?.filter((view) => !view.shared) ?? [];
  const shared = views.data?.filter((view) => view.shared) ?? [];
  return (
    <>
      <DropdownMenu
        trigger={
          <Button size="sm" icon={<Bookmark aria-hidden />}>
            <span className="max-w-40 truncate">
              {current ? `${current.name}${changed ? " (changed)" : ""}` : "Views"}
            </span>
            <ChevronDown className="size-3" aria-hidden />
          </Button>
        }
        items={[
          mine.length > 0 && { heading: "Private" },
          ...mine.map(item),
          shared.length > 0 && { heading: "Shared in the project" },
          ...shared.map(item),
          (views.data?.length ?? 0) > 0 && "separator",
          { label: "Save as a new view…", onSelect: () => setSaving(true) },
          current?.mine === true &&
            changed && { label: `Save changes to “${current.name}”`, onSelect: () => change.mutate({ state }) },
          current !== undefined && changed && { label: `Back to “${current.name}”`, onSelect: () => open(current) },
          current?.mine === true && {
            label: current.shared ? "Make private" : "Share in the project",
            onSelect: () => change.mutate({ shared: !current.shared }),
          },
          current?.mine === true && {
            label: `Delete “${current.name}”`,
            danger: true,
            onSelect: () => remove.mutate(current),
          },
        ]}
      />
      <SaveView
        key={saving ? "open" : "closed"}
        project={project}
        state={state}
        open={saving}
        onOpenChange={setSaving}
        onSaved={async (view) => {
          setSaving(false);
          await refresh();
          setSearchParams({ saved: view.id });
          toast.success(`View “${view.name}” saved`);
        }}
      />
    </>
  );
}

function SaveView({
  project,
  state,
  open: isOpen,
  onOpenChange,
  onSaved,
}: {
  project: string;
  state: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSaved: (view: RunViewDto) => Promise<void>;
}) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({ mutationFn: () => saveView(project, { name, shared, state }), onSuccess: onSaved });
  return (
    <Dialog
      title="Save this view"
      description="Experiment, filter, order, grouping and columns, under a name."
      open={isOpen}
      onOpenChange={onOpenChange}
      size="sm"
    >
      <form
        className="space-y-3"
        onSubmit={(event: SyntheticEvent) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Name" required error={fieldError(save.error, "name")}>
          <Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} />
        </Field>
        <Checkbox
          label="Share in the project"
          hint="Everybody in the project can open it; only you can change it."
          checked={shared}
          onCheckedChange={setShared}
        />
        <FormError error={save.error} fields={["name"]} />
        <DialogFooter>
          <DialogClose>
            <Button>Cancel</Button>
          </DialogClose>
          <Button type="submit" variant="primary" loading={save.isPending}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
