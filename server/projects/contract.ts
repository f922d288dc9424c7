import { z } from "zod";

export const Slug = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/,
    "Use 3 to 40 lower-case letters, digits and hyphens, starting with a letter.",
  );

export const CreateProjectInput = z.object({
  slug: Slug,
  name: z.string().trim().min(1, "Give the project a name.").max(80),
  description: z.string().trim().max(2000).default(""),
});

export const UpdateProjectInput = z.object({
  name: z.string().trim().min(1, "Give the project a name.").max(80),
  description: z.string().trim().max(2000).default(""),
});

export interface ProjectDto {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly createdAt: string;
  readonly role: string;
  readonly scopes: readonly string[];
}
