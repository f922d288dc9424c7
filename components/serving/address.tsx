import { Fragment } from "react";
import { CopyButton } from "#components/ui/copy.tsx";

/** Where callers send their requests, to be read and copied. */
export function Address({ url }: { url: string }) {
  return (
    <span>
      <code className="text-xs wrap-anywhere">
        {url.split(/(?<=[^/])(?=\/[^/])/).map((part, i) => (
          <Fragment key={i}>
            {i > 0 ? <wbr /> : null}
            {part}
          </Fragment>
        ))}
      </code>
      <CopyButton text={url} label="Copy the address" className="ml-1 align-middle" />
    </span>
  );
}
