"use client";

import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "#components/ui/confirm-dialog.tsx";
import type { Buffers } from "./buffers.ts";
import { NameDialog } from "./name-dialog.tsx";
import { draft } from "./queries.ts";
import { saveFile } from "./save-file.ts";

interface Acts {
  readonly create: (folder: string) => void;
  readonly rename: (path: string) => void;
  readonly remove: (path: string, folder: boolean) => void;
  readonly newBranch: () => void;
}
interface Props {
  readonly project: string;
  readonly branch: string;
  readonly buffers: Buffers;
  readonly reload: () => void;
  readonly show: (path: string) => void;
  readonly setBranch: (branch: string) => void;
  readonly children: (acts: Acts) => ReactNode;
}
type Asking =
  | { kind: "create"; folder: string }
  | { kind: "rename"; path: string }
  | { kind: "remove"; path: string; folder: boolean }
  | { kind: "branch" };

/** Create, rename, delete and branch, with the dialogs they need. */
export function FileActs({ project, branch, buffers, reload, show, setBranch, children }: Props) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = (): void => {
    setAsking(null);
  };
  const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
  const forget = (path: string): void => {
    for (const buffer of buffers.snapshot()) if (inside(buffer.path, path)) buffers.forget(buffer.path);
  };
  return (
    <>
      {children({
        create: (folder) => {
          setAsking({ kind: "create", folder });
        },
        rename: (path) => {
          setAsking({ kind: "rename", path });
        },
        remove: (path, folder) => {
          setAsking({ kind: "remove", path, folder });
        },
        newBranch: () => {
          setAsking({ kind: "branch" });
        },
      })}
      {asking?.kind === "create" ? (
        <NameDialog
          title="New file"
          label="Path"
          action="Create"
          initial={asking.folder}
          hint="Folders are made as needed: src/features.py"
          onClose={close}
          onSubmit={async (path) => {
            const outcome = await saveFile(project, branch, path, "", null);
            if (outcome.kind === "stale") throw new Error(`'${path}' exists already; choose another name.`);
            reload();
            show(path);
          }}
        />
      ) : null}
      {asking?.kind === "rename" ? (
        <NameDialog
          title={`Rename ${asking.path}`}
          label="New path"
          action="Rename"
          initial={asking.path}
          onClose={close}
          onSubmit={async (to) => {
            await buffers.saveAll();
            await draft.move(project, branch, asking.path, to);
            const wasOpen = buffers.get(asking.path) !== undefined;
            forget(asking.path);
            reload();
            if (wasOpen) show(to);
          }}
        />
      ) : null}
      {asking?.kind === "branch" ? (
        <NameDialog
          title="New branch"
          label="Name"
          action="Create branch"
          initial=""
          hint={`Starts at the newest commit of ${branch}.`}
          onClose={close}
          onSubmit={async (name) => {
            await draft.branch(project, name, branch);
            reload();
            setBranch(name);
          }}
        />
      ) : null}
      {asking?.kind === "remove" ? (
        <ConfirmDialog
          title={`Delete ${asking.path}?`}
          touches={
            asking.folder
              ? "The folder and everything in it is removed from your workspace. What was committed stays in history."
              : "The file is removed from your workspace. What was committed stays in history."
          }
          action="Delete"
          danger
          open
          onOpenChange={(isOpen) => {
            if (!isOpen) close();
          }}
          onConfirm={async () => {
            await draft.remove(project, branch, asking.path);
            forget(asking.path);
            reload();
            close();
          }}
        />
      ) : null}
    </>
  );
}
