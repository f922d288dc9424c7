"use client";

import { useMutation } from "@tanstack/react-query";
import { FileText, Pause, Play, RefreshCw, Settings2 } from "lucide-react";
import { useState } from "react";
import type { MonitorDetail } from "#server/monitoring/contract.ts";
import { api } from "#components/ui/api.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog, DialogFooter } from "#components/ui/dialog.tsx";
import { FormError } from "#components/ui/form-error.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { DropdownMenu } from "#components/ui/menu.tsx";
import { refreshPage } from "#components/ui/page-refresh.tsx";
import { toast } from "#components/ui/toast.tsx";
import { ConfigFields } from "./config-fields.tsx";

/** Acts on a monitor: look now, change, pause, take over monitor.yaml. */
export function MonitorActs({ project, monitor }: { project: string; monitor: MonitorDetail }) {
  const [editing, setEditing] = useState(false);
  const url = `/api/v1/projects/${project}/monitors/${encodeURIComponent(monitor.name)}`;
  const act = useMutation({
    mutationFn: ({
      path = "",
      method,
      body,
    }: {
      path?: string;
      method: "PATCH" | "POST" | "PUT";
      body?: object;
      said: string;
    }) => api(`${url}${path}`, { method, ...(body ? { body } : {}) }),
    onSuccess: (_, { said }) => {
      toast.success(said);
      refreshPage();
    },
    onError: (error) => {
      toast.error(error);
    },
  });
  return (
    <>
      <Button
        icon={<RefreshCw aria-hidden />}
        loading={act.isPending}
        onClick={() => act.mutate({ path: "/computation", method: "POST", said: "New traffic is being looked at" })}
      >
        Compute now
      </Button>
      <DropdownMenu
        trigger={<IconButton label="Change the monitor" icon={<Settings2 aria-hidden />} />}
        items={[
          { label: "Change thresholds", icon: <Settings2 aria-hidden />, onSelect: () => setEditing(true) },
          {
            label: "Take over monitor.yaml",
            icon: <FileText aria-hidden />,
            disabled: monitor.name !== monitor.endpoint,
            onSelect: () =>
              act.mutate({ path: "/file", method: "PUT", said: "The monitor is what monitor.yaml on main says" }),
          },
          {
            label: monitor.enabled ? "Pause" : "Resume",
            icon: monitor.enabled ? <Pause aria-hidden /> : <Play aria-hidden />,
            onSelect: () =>
              act.mutate({
                method: "PATCH",
                body: { enabled: !monitor.enabled },
                said: monitor.enabled ? "Paused" : "Resumed",
              }),
          },
        ]}
      />
      {editing ? <EditDialog url={url} monitor={monitor} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

function EditDialog({ url, monitor, onClose }: { url: string; monitor: MonitorDetail; onClose: () => void }) {
  const [config, setConfig] = useState(monitor.config);
  const save = useMutation({
    mutationFn: () => api(url, { method: "PATCH", body: { config } }),
    onSuccess: () => {
      toast.success("Saved", { detail: "Windows whose figures depend on it are computed again." });
      refreshPage();
      onClose();
    },
  });
  return (
    <Dialog title={`Change ${monitor.name}`} size="lg" open onOpenChange={(open) => (open ? undefined : onClose())}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {config.window === monitor.config.window ? null : (
          <p className="text-xs text-muted">
            With another window all windows are computed anew from the log. Alerts stay as they are.
          </p>
        )}
        <ConfigFields config={config} onChange={setConfig} />
        <FormError error={save.error} />
        <DialogFooter>
          <Button type="submit" variant="primary" loading={save.isPending}>
            Save
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
