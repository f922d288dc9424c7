"use client";

import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Dialog, DialogClose } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { FormError } from "./form-error.tsx";
import { Input, Textarea } from "./input.tsx";

type ConfirmDialogProps = {
  title: ReactNode;
  /** What the act will touch, in plain words: "12 runs and their 340 MiB of artifacts." */
  touches: ReactNode;
  /** The verb on the button: "Delete 12 runs". */
  action: string;
  danger?: boolean | undefined;
  /** Asks for a written reason; "required" refuses an empty one. */
  reason?: "optional" | "required" | undefined;
  reasonLabel?: string | undefined;
  /** Text that must be typed before the button works, for acts that cannot be undone. */
  typeToConfirm?: string | undefined;
  /** Runs the act; the window stays open and shows the error when it throws. */
  onConfirm: (reason: string) => Promise<unknown>;
  trigger?: ReactNode;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  /** Anything more to see or choose before deciding. */
  children?: ReactNode;
};

/** Asks before a destructive or far-reaching act, saying what it will touch. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [inner, setInner] = useState(false);
  const open = props.open ?? inner;
  const setOpen = props.onOpenChange ?? setInner;
  return (
    <Dialog title={props.title} trigger={props.trigger} open={open} onOpenChange={setOpen}>
      <ConfirmBody {...props} close={() => setOpen(false)} />
    </Dialog>
  );
}

function ConfirmBody(props: ConfirmDialogProps & { close: () => void }) {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ready =
    (props.reason !== "required" || reason.trim() !== "") &&
    (props.typeToConfirm === undefined || typed === props.typeToConfirm);

  async function confirm(): Promise<void> {
    setPending(true);
    setError(null);
    try {
      await props.onConfirm(reason.trim());
      props.close();
    } catch (caught) {
      setError(caught);
    } finally {
      setPending(false);
    }
  }

  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        // A dialog that is opened from inside a form must not send that form too: React's events follow the tree, not the page.
        event.stopPropagation();
        if (ready) void confirm();
      }}
    >
      <div className="text-sm">{props.touches}</div>
      {props.children}
      {props.reason === undefined ? null : (
        <Field
          label={props.reasonLabel ?? "Reason"}
          required={props.reason === "required"}
          hint="Kept in the audit log."
        >
          <Textarea rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
        </Field>
      )}
      {props.typeToConfirm === undefined ? null : (
        <Field
          label={
            <>
              Type <code className="rounded-sm bg-raised px-1 text-xs">{props.typeToConfirm}</code> to confirm
            </>
          }
        >
          <Input value={typed} onChange={(event) => setTyped(event.target.value)} mono />
        </Field>
      )}
      <FormError error={error} />
      <div className="flex justify-end gap-2 pt-1">
        <DialogClose>
          <Button>Cancel</Button>
        </DialogClose>
        <Button
          type="submit"
          variant={props.danger === true ? "danger" : "primary"}
          loading={pending}
          disabled={!ready}
        >
          {props.action}
        </Button>
      </div>
    </form>
  );
}
