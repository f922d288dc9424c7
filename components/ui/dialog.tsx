"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { IconButton } from "./icon-button.tsx";

type DialogProps = {
  title: ReactNode;
  description?: ReactNode;
  /** The element that opens it; leave out and give open/onOpenChange to open it from elsewhere. */
  trigger?: ReactNode;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  size?: "sm" | "md" | "lg" | "xl" | undefined;
  /** Buttons at the foot; the primary act last. A form puts its own foot inside children instead (DialogFooter). */
  footer?: ReactNode;
  children?: ReactNode;
};

const widths = { sm: "max-w-md", md: "max-w-xl", lg: "max-w-3xl", xl: "max-w-6xl" };

/** A window over the page for one act; Escape and the corner close it, focus returns to where it was. */
export function Dialog({
  title,
  description,
  trigger,
  open,
  onOpenChange,
  size = "sm",
  footer,
  children,
}: DialogProps) {
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      {trigger === undefined ? null : <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 grid animate-fade justify-items-center overflow-y-auto bg-scrim p-4 sm:pt-[10vh]">
          <Radix.Content
            {...(description === undefined ? { "aria-describedby": undefined } : {})}
            onOpenAutoFocus={focusWithin}
            className={cn(
              "relative my-auto w-full animate-pop self-start rounded-lg border bg-surface shadow-float outline-none sm:my-0",
              widths[size],
            )}
          >
            <div className="pt-3.5 pr-12 pl-4">
              <div className="min-w-0 space-y-1">
                <Radix.Title className="text-lg">{title}</Radix.Title>
                {description === undefined ? null : (
                  <Radix.Description className="text-sm text-muted">{description}</Radix.Description>
                )}
              </div>
            </div>
            <div className="px-4 pt-3 pb-4">{children}</div>
            {footer === undefined ? null : <div className="flex justify-end gap-2 border-t px-4 py-3">{footer}</div>}
            <CornerClose />
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * Where there is nothing to fill in or press yet, the window itself takes the focus: the way out would show its name over a window that has only
 * just opened.
 */
function focusWithin(event: Event): void {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return;
  if (target.querySelector(":is(button:not([data-corner]), input, select, textarea):enabled, [tabindex='0']")) return;
  event.preventDefault();
  target.focus();
}

/** Last in the order of keys, so that a window opens with its first field in focus, not with the way out. */
function CornerClose() {
  return (
    <Radix.Close asChild>
      <IconButton data-corner label="Close" size="sm" icon={<X aria-hidden />} className="absolute top-3.5 right-3" />
    </Radix.Close>
  );
}

/** The foot of a form inside a Dialog: same line and spacing as the dialog's own footer. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return <div className="-mx-4 mt-4 -mb-4 flex justify-end gap-2 border-t px-4 py-3">{children}</div>;
}

/** Closes the dialog or sheet around it: wrap a Button. */
export function DialogClose({ children }: { children: ReactNode }) {
  return <Radix.Close asChild>{children}</Radix.Close>;
}

type SheetProps = {
  title: ReactNode;
  description?: ReactNode;
  trigger?: ReactNode;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  side?: "left" | "right" | undefined;
  width?: string | undefined;
  /** Keeps the title for screen readers alone (navigation). */
  hideTitle?: boolean | undefined;
  footer?: ReactNode;
  children?: ReactNode;
};

/** A panel from the side, for looking at one thing while the list stays in place. */
export function Sheet({
  title,
  description,
  trigger,
  open,
  onOpenChange,
  side = "right",
  width = "480px",
  hideTitle,
  footer,
  children,
}: SheetProps) {
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange === undefined ? {} : { onOpenChange })}>
      {trigger === undefined ? null : <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-fade bg-scrim" />
        <Radix.Content
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          onOpenAutoFocus={focusWithin}
          style={{ width: `min(100vw, ${width})` }}
          className={cn(
            "fixed inset-y-0 z-50 flex flex-col bg-surface shadow-float outline-none",
            side === "right" ? "right-0 animate-slide-right border-l" : "left-0 animate-slide-left border-r",
          )}
        >
          <div className={cn("border-b py-3 pr-12 pl-4", hideTitle === true && "sr-only")}>
            <div className="min-w-0">
              <Radix.Title className="text-lg">{title}</Radix.Title>
              {description === undefined ? null : (
                <Radix.Description className="text-sm text-muted">{description}</Radix.Description>
              )}
            </div>
          </div>
          <div className={cn("min-h-0 flex-1 overflow-y-auto", hideTitle !== true && "p-4")}>{children}</div>
          {footer === undefined ? null : <div className="flex justify-end gap-2 border-t px-4 py-3">{footer}</div>}
          {hideTitle === true ? null : <CornerClose />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
