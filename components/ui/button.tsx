import { type VariantProps, cva } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

export const buttonStyle = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-3.5 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "border-transparent bg-ink text-on-ink hover:bg-ink-hover",
        secondary: "border-line-strong/60 bg-surface text-text hover:bg-raised",
        ghost: "border-transparent bg-transparent text-muted hover:bg-raised hover:text-text",
        danger: "border-transparent bg-bad-fill text-on-bad hover:bg-bad-fill-hover",
      },
      size: { sm: "h-7 px-2 text-xs", md: "h-8 px-3 text-sm", lg: "h-9 px-4 text-base" },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

type ButtonStyle = VariantProps<typeof buttonStyle>;
export type ButtonVariant = NonNullable<ButtonStyle["variant"]>;

type ButtonProps = ComponentProps<"button"> & {
  variant?: ButtonVariant | undefined;
  size?: "sm" | "md" | "lg" | undefined;
  /** Shows that the act is under way and refuses a second press; the label stays. */
  loading?: boolean | undefined;
  icon?: ReactNode;
};

/** A button; `type="button"` unless told otherwise. */
export function Button({ variant, size, loading, icon, className, children, disabled, type, ...rest }: ButtonProps) {
  return (
    <button
      type={type ?? "button"}
      className={cn(buttonStyle({ variant, size }), className)}
      disabled={disabled === true || loading === true}
      aria-busy={loading === true ? true : undefined}
      {...rest}
    >
      {loading === true ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

type LinkButtonProps = ComponentProps<typeof Link> & {
  variant?: ButtonVariant | undefined;
  size?: "sm" | "md" | "lg" | undefined;
  icon?: ReactNode;
};

/** A link that looks like a button: for going somewhere, never for doing something. */
export function LinkButton({ variant, size, icon, className, children, ...rest }: LinkButtonProps) {
  return (
    <Link className={cn(buttonStyle({ variant, size }), className)} {...rest}>
      {icon}
      {children}
    </Link>
  );
}

/** A link inside text. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      className={cn(
        "text-text underline decoration-line-strong/70 underline-offset-2 hover:decoration-current",
        className,
      )}
      {...rest}
    />
  );
}
