import { Fragment } from "react";
import { CopyButton } from "#components/ui/copy.tsx";

/** Where callers send their requests, to be read and copied. */
export function Address({ url }: { url: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="min-w-0 text-xs wrap-anywhere">
        {url.split(/(?<=[^/])(?=\/[^/])/).map((part, i) => (
          <Fragment key={i}>
            {i > 0 ? <wbr /> : null}
            {part}
          </Fragment>
        ))}
      </code>
      <CopyButton text={url} label="Copy the address" />
    </span>
  );
}
