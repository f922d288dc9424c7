"use client";

import { useMutation } from "@tanstack/react-query";
import { FileText, Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type EndpointOption, MonitorConfig } from "#server/monitoring/contract.ts";
import { api, fieldError } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { Input, Select } from "#components/ui/input.tsx";
import { ConfigFields } from "./config-fields.tsx";

/** Sets a monitor up by hand, or takes it from monitor.yaml of the repository. */
export function CreateMonitor({ project, endpoints }: { project: string; endpoints: readonly EndpointOption[] }) {
  const router = useRouter();
  const [endpoint, setEndpoint] = useState(endpoints[0]?.name ?? "");
  const [name, setName] = useState(endpoints[0]?.name ?? "");
  const [config, setConfig] = useState(() => MonitorConfig.parse({}));
  const open = (made: string) => router.push(`/p/${project}/monitoring/${encodeURIComponent(made)}`);
  const create = useMutation({
    mutationFn: () =>
      api<{ name: string }>(`/api/v1/projects/${project}/monitors`, { body: { name, endpoint, config } }),
    onSuccess: (made) => {
      open(made.name);
    },
  });
  const fromFile = useMutation({
    mutationFn: () =>
      api<{ name: string }>(`/api/v1/projects/${project}/monitors/${encodeURIComponent(endpoint)}/file`, {
        method: "PUT",
      }),
    onSuccess: (made) => {
      open(made.name);
    },
  });
  return (
    <Dialog
      title="Watch an endpoint"
      description="Windows are computed from the logged predictions by the time of each event, so earlier traffic is covered too."
      size="lg"
      trigger={
        <Button variant="primary" icon={<Plus aria-hidden />}>
          New monitor
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <div className="grid grid-cols-2 gap-3">
          <Field label="Endpoint" error={fieldError(create.error, "endpoint")}>
            <Select
              options={endpoints.map((option) => ({ value: option.name, label: option.name }))}
              value={endpoint}
              onValueChange={(value) => {
                setEndpoint(value);
                setName(value);
              }}
            />
          </Field>
          <Field label="Name" error={fieldError(create.error, "name")} required>
            <Input value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        </div>
        <ConfigFields config={config} onChange={setConfig} />
        <FormError error={create.error ?? fromFile.error} fields={["name", "endpoint"]} />
        <DialogFooter>
          <Button icon={<FileText aria-hidden />} loading={fromFile.isPending} onClick={() => fromFile.mutate()}>
            Take it from monitor.yaml
          </Button>
          <Button type="submit" variant="primary" loading={create.isPending}>
            Create monitor
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
