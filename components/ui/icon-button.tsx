"use client";

import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { type ButtonVariant, buttonStyle } from "./button.tsx";
import { cn } from "./cn.ts";
import { Tooltip } from "./tooltip.tsx";

type IconButtonProps = Omit<ComponentProps<"button">, "children" | "aria-label"> & {
  /** What the button does: read aloud and shown on hover. */
  label: string;
  icon: ReactNode;
  variant?: ButtonVariant | undefined;
  size?: "sm" | "md" | undefined;
  loading?: boolean | undefined;
  side?: "top" | "right" | "bottom" | "left" | undefined;
};

/** A square button with an icon alone; its label is its accessible name and its tooltip. */
export function IconButton({
  label,
  icon,
  variant = "ghost",
  size = "md",
  loading,
  side,
  className,
  disabled,
  type,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} side={side}>
      <button
        type={type ?? "button"}
        aria-label={label}
        aria-busy={loading === true ? true : undefined}
        disabled={disabled === true || loading === true}
        className={cn(
          buttonStyle({ variant }),
          size === "sm" ? "size-6 rounded-sm p-0" : "size-8 p-0",
          "[&_svg]:size-4",
          className,
        )}
        {...rest}
      >
        {loading === true ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      </button>
    </Tooltip>
  );
}
