import { CopyButton } from "#components/ui/copy.tsx";

/** Where callers send their requests, to be read and copied. */
export function Address({ url }: { url: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="min-w-0 text-xs break-all">{url}</code>
      <CopyButton text={url} label="Copy the address" />
    </span>
  );
}
