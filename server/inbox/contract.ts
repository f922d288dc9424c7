import { z } from "zod";

export const InboxKind = z.enum(["review", "decision", "comment", "alert", "run", "challenger", "mention"]);
export type InboxKind = z.infer<typeof InboxKind>;

export interface InboxItemDto {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly body: string;
  readonly href: string;
  readonly project: { readonly slug: string; readonly name: string } | null;
  readonly createdAt: string;
  readonly readAt: string | null;
  readonly doneAt: string | null;
}
