"use client";

import { Check } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

export type MenuItem =
  | {
      label: string;
      icon?: ReactNode;
      /** Goes there; otherwise `onSelect` acts. */
      href?: string | undefined;
      onSelect?: (() => void) | undefined;
      danger?: boolean | undefined;
      disabled?: boolean | undefined;
      /** A tick before the label; the menu stays open so that several can be set. */
      checked?: boolean | undefined;
      /** A muted word at the right: a shortcut or a count. */
      note?: ReactNode;
    }
  | { heading: string }
  | "separator"
  | false
  | null
  | undefined;

const row =
  "flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-raised [&_svg]:size-3.5 [&_svg]:shrink-0";

type DropdownMenuProps = {
  trigger: ReactNode;
  items: readonly MenuItem[];
  align?: "start" | "center" | "end" | undefined;
  side?: "top" | "right" | "bottom" | "left" | undefined;
  /** Anything above the items, such as a person's name. */
  header?: ReactNode;
  onOpenChange?: ((open: boolean) => void) | undefined;
  /** Where the focus goes afterwards, where that is not the trigger; `preventDefault` keeps the trigger from taking it. */
  onCloseAutoFocus?: ((event: Event) => void) | undefined;
};

/** A menu of acts. The trigger is one focusable element, usually a Button or an IconButton. */
export function DropdownMenu({
  trigger,
  items,
  align = "end",
  side = "bottom",
  header,
  onOpenChange,
  onCloseAutoFocus,
}: DropdownMenuProps) {
  return (
    <Radix.Root {...(onOpenChange === undefined ? {} : { onOpenChange })} modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-60 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 max-w-80 animate-pop overflow-y-auto rounded-md border bg-surface p-1 shadow-float"
          onClick={(event) => event.stopPropagation()}
          {...(onCloseAutoFocus === undefined ? {} : { onCloseAutoFocus })}
        >
          {header === undefined ? null : <div className="border-b px-2 pt-1 pb-2 mb-1">{header}</div>}
          {items.map((item, index) => (
            <Row key={keyOf(item, index)} item={item} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Row({ item }: { item: MenuItem }) {
  if (item === false || item === null || item === undefined) return null;
  if (item === "separator") return <Radix.Separator className="my-1 h-px bg-line" />;
  if ("heading" in item)
    return <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs text-muted">{item.heading}</Radix.Label>;
  const body = (
    <>
      {item.icon}
      <span className="min-w-0 flex-1 truncate">{item.label}</span>
      {item.note === undefined ? null : <span className="text-xs text-muted">{item.note}</span>}
    </>
  );
  if (item.checked !== undefined) {
    return (
      <Radix.CheckboxItem
        className={row}
        checked={item.checked}
        disabled={item.disabled === true}
        onSelect={(event) => {
          event.preventDefault();
          item.onSelect?.();
        }}
      >
        <span className="inline-flex size-3.5">
          <Radix.ItemIndicator>
            <Check aria-hidden />
          </Radix.ItemIndicator>
        </span>
        {body}
      </Radix.CheckboxItem>
    );
  }
  const look = cn(row, item.danger === true && "text-bad data-[highlighted]:bg-bad-soft");
  if (item.href !== undefined) {
    return (
      <Radix.Item asChild disabled={item.disabled === true} className={look}>
        <Link href={item.href}>{body}</Link>
      </Radix.Item>
    );
  }
  return (
    <Radix.Item className={look} disabled={item.disabled === true} onSelect={() => item.onSelect?.()}>
      {body}
    </Radix.Item>
  );
}

function keyOf(item: MenuItem, index: number): string {
  return typeof item === "object" && item !== null && "label" in item ? item.label : String(index);
}
