"use client";

import type { ReactNode } from "react";
import ReactMarkdown, { type Components, defaultUrlTransform } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cn } from "#components/ui/cn.ts";
import { MENTION } from "#server/tracking/contract.ts";

const components: Components = {
  h1: ({ children }) => <h3 className="mt-4 mb-2 text-lg font-semibold first:mt-0">{children}</h3>,
  h2: ({ children }) => <h4 className="mt-4 mb-1.5 text-base font-semibold first:mt-0">{children}</h4>,
  h3: ({ children }) => <h5 className="mt-3 mb-1 text-sm font-semibold first:mt-0">{children}</h5>,
  h4: ({ children }) => <h6 className="mt-3 mb-1 text-sm font-medium first:mt-0">{children}</h6>,
  h5: ({ children }) => <h6 className="mt-3 mb-1 text-sm font-medium text-muted first:mt-0">{children}</h6>,
  h6: ({ children }) => <h6 className="mt-3 mb-1 text-sm text-muted first:mt-0">{children}</h6>,
  p: ({ children }) => <p className="my-2 first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => <ul className="my-2 list-disc space-y-0.5 pl-5">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="my-2 list-decimal space-y-0.5 pl-5">
      {children}
    </ol>
  ),
  blockquote: ({ children }) => (
    <blockquote className="my-2 border-l-2 border-line-strong pl-3 text-muted">{children}</blockquote>
  ),
  hr: () => <hr className="my-4" />,
  a: ({ href, children }) => (
    <a
      href={href}
      className="underline decoration-line-strong underline-offset-2 hover:decoration-text"
      {...(href?.startsWith("/") || href?.startsWith("#") ? {} : { target: "_blank", rel: "noreferrer noopener" })}
    >
      {children}
    </a>
  ),
  pre: ({ children }) => (
    <pre tabIndex={0} className="my-2 overflow-auto rounded-md border bg-raised px-3 py-2 font-mono text-xs leading-5">
      {children}
    </pre>
  ),
  code: ({ children, className }) => (
    <code
      className={cn(
        "font-mono text-[0.92em] [:not(pre)>&]:rounded-sm [:not(pre)>&]:bg-raised [:not(pre)>&]:px-1",
        className,
      )}
    >
      {children}
    </code>
  ),
  table: ({ children }) => (
    <div className="my-2 overflow-x-auto">
      <table className="text-xs">{children}</table>
    </div>
  ),
  th: ({ children, style }) => (
    <th style={style} className="border-b border-line-strong px-2.5 py-1 text-left font-medium whitespace-nowrap">
      {children}
    </th>
  ),
  td: ({ children, style }) => (
    <td style={style} className="border-b px-2.5 py-1 align-top">
      {children}
    </td>
  ),
  input: ({ checked }) => (
    <input type="checkbox" checked={checked === true} readOnly disabled className="mr-1.5 align-middle" />
  ),
};

/**
 * Markdown as people write it on GitHub. HTML in it is shown as the text it is, so nothing a writer types can run or restyle the page. `resolve` turns the
 * address of a picture into one that this page may load; null leaves the picture out and shows its words.
 */
export function Markdown({
  text,
  resolve,
  mention,
}: {
  text: string;
  resolve?: ((address: string) => string | null) | undefined;
  /** Draws an @mention; without it mentions stay text. */
  mention?: ((handle: string) => ReactNode) | undefined;
}) {
  const picture: Components = {
    img: ({ src, alt }) => {
      const given = typeof src === "string" ? src : "";
      const address = resolve ? resolve(given) : /^data:image\/(png|jpeg|gif|webp);/.test(given) ? given : null;
      return address === null ? (
        <span className="text-muted">[{alt || "picture"}]</span>
      ) : (
        <img src={address} alt={alt ?? ""} loading="lazy" className="my-2 max-w-full rounded-sm bg-white" />
      );
    },
  };
  const words: Components = mention
    ? {
        // The plugin below writes a mention as a link to this anchor.
        a: (props) =>
          props.href?.startsWith("#mention-") ? (
            <>{mention(props.href.slice(9))}</>
          ) : components.a && typeof components.a === "function" ? (
            <components.a {...props} />
          ) : null,
      }
    : {};
  return (
    <div className="max-w-[80ch] text-sm leading-6 break-words">
      <ReactMarkdown
        remarkPlugins={mention ? [remarkGfm, mentions] : [remarkGfm]}
        components={{ ...components, ...picture, ...words }}
        urlTransform={(url, key) => (key === "src" ? url : defaultUrlTransform(url))}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

interface Node {
  type: string;
  value?: string;
  url?: string;
  children?: Node[];
}

/** Turns @handle in running text into a link node that the component above draws; code and links keep theirs. */
function mentions() {
  const visit = (node: Node): void => {
    if (!node.children || node.type === "link") return;
    node.children = node.children.flatMap((child): Node[] => {
      if (child.type !== "text" || child.value === undefined) {
        visit(child);
        return [child];
      }
      const parts: Node[] = [];
      let at = 0;
      for (const match of child.value.matchAll(MENTION)) {
        const start = match.index + (match[1] ?? "").length;
        const handle = match[2] ?? "";
        if (start > at) parts.push({ type: "text", value: child.value.slice(at, start) });
        parts.push({ type: "link", url: `#mention-${handle}`, children: [{ type: "text", value: `@${handle}` }] });
        at = start + 1 + handle.length;
      }
      return at === 0 ? [child] : [...parts, { type: "text", value: child.value.slice(at) }];
    });
  };
  return visit;
}
