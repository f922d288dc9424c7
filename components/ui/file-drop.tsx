"use client";

import { FileUp, X } from "lucide-react";
import { useRef, useState } from "react";
import { cn } from "./cn.ts";
import { useFieldProps } from "./field.tsx";
import { formatBytes } from "./format.ts";
import { IconButton } from "./icon-button.tsx";

type FileDropProps = {
  /** Chosen files; the owner keeps them, so that they survive an error. */
  files: readonly File[];
  onFiles: (files: File[]) => void;
  /** As for <input accept>: ".csv,.parquet". */
  accept?: string | undefined;
  multiple?: boolean | undefined;
  /** What may be dropped, in words: "CSV, Parquet or JSON lines, up to 5 GiB". */
  hint?: string | undefined;
  disabled?: boolean | undefined;
};

/** Drop files or choose them; shows name and size of what was taken. */
export function FileDrop({ files, onFiles, accept, multiple, hint, disabled }: FileDropProps) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null): void => {
    if (list === null || list.length === 0) return;
    onFiles(multiple === true ? [...files, ...list] : [...list].slice(0, 1));
  };
  return (
    <div className="space-y-2">
      <label
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (disabled !== true) take(event.dataTransfer.files);
        }}
        className={cn(
          "flex cursor-pointer flex-col items-center gap-1 rounded-md border border-dashed border-line-strong px-4 py-6 text-center text-sm transition-colors hover:bg-raised has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-steel-fill",
          over && "border-solid bg-raised",
          disabled === true && "pointer-events-none opacity-60",
        )}
      >
        <FileUp className="size-5 text-muted" aria-hidden />
        <span>
          Drop {multiple === true ? "files" : "a file"} here, or{" "}
          <span className="underline underline-offset-2">choose</span>
        </span>
        {hint === undefined ? null : <span className="text-xs text-muted">{hint}</span>}
        <input
          ref={input}
          type="file"
          {...useFieldProps()}
          accept={accept}
          multiple={multiple}
          disabled={disabled}
          className="sr-only"
          onChange={(event) => {
            take(event.target.files);
            event.target.value = "";
          }}
        />
      </label>
      {files.map((file, index) => (
        <div
          key={`${file.name}:${index}`}
          className="flex items-center gap-2 rounded-sm border bg-surface py-0.5 pr-0.5 pl-2.5 text-xs"
        >
          <span className="min-w-0 flex-1 truncate font-mono">{file.name}</span>
          <span className="text-muted" data-number>
            {formatBytes(file.size)}
          </span>
          <IconButton
            size="sm"
            label={`Remove ${file.name}`}
            icon={<X aria-hidden />}
            onClick={() => onFiles(files.filter((_, at) => at !== index))}
          />
        </div>
      ))}
    </div>
  );
}
