import { z } from "zod";

export const UsageInput = z.object({
  name: z.string(),
  /** Days (UTC) up to today. */
  days: z.coerce.number().int().min(1).max(400).default(30),
});

/** What was asked, added up. `limited`: refused for the token's rate or quota; `failed`: refused or failed for any other reason. */
export interface UsageCounts {
  readonly requests: number;
  readonly rows: number;
  readonly limited: number;
  readonly failed: number;
}

export interface UsageDay extends UsageCounts {
  /** As 2013-07-01, UTC. */
  readonly day: string;
}

/** What a token may ask for, and what is left of it today (UTC), over all endpoints. */
export interface QuotaDto {
  readonly ratePerSecond: number | null;
  readonly rowsPerDay: number | null;
  readonly rowsToday: number;
  /** Null without a limit. */
  readonly rowsLeft: number | null;
}

export interface TokenUsage extends UsageCounts {
  readonly tokenId: string;
  /** Null for a token that is gone. */
  readonly name: string | null;
  readonly prefix: string | null;
  readonly owner: string | null;
  /** Whether it still works. */
  readonly active: boolean;
  readonly quota: QuotaDto;
  /** Oldest first, one per day of the span. */
  readonly days: readonly UsageDay[];
}

export interface EndpointUsage {
  readonly from: string;
  readonly to: string;
  readonly total: UsageCounts;
  /** By rows, most first. */
  readonly tokens: readonly TokenUsage[];
}

/** What the tokens of a project's settings page asked for lately: by token id. */
export interface OwnUsage extends UsageCounts {
  readonly tokenId: string;
  readonly quota: QuotaDto;
  /** Endpoints, and customised services, of which a call counts as one row. */
  readonly endpoints: readonly (UsageCounts & { readonly endpoint: string; readonly isService: boolean })[];
}
