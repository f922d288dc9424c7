/**
 * A Prisma condition: the text anywhere in the column, whatever the case. Prisma hands `contains` to ILIKE as it is, so that a `_` or `%` that
 * somebody typed would match any letter; here they mean themselves.
 */
export function containing(text: string) {
  return { contains: text.replace(/[\\%_]/g, String.raw`\$&`), mode: "insensitive" as const };
}
