import { issueServiceToken } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";

const LIFE_MS = 86_400_000;
/** Renewed an hour before it ends. */
const RENEW_MS = 3_600_000;

/** The token by which one service asks endpoints, made when it first does and renewed before it ends. */
export class ServiceToken {
  readonly #service: string;
  readonly #projectId: string;
  #known: Promise<{ secret: string; expiresAt: Date }> | null = null;
  #until = 0;

  constructor(service: string, projectId: string) {
    this.#service = service;
    this.#projectId = projectId;
  }

  /** Its secret. Rejects while the database cannot be asked and none is known. */
  async secret(): Promise<string> {
    if (!this.#known || Date.now() > this.#until - RENEW_MS) {
      const expiresAt = new Date(Date.now() + LIFE_MS);
      this.#until = expiresAt.getTime();
      this.#known = issueServiceToken(prisma(), { projectId: this.#projectId, service: this.#service, expiresAt });
      this.#known.catch(() => (this.#known = null));
    }
    return (await this.#known).secret;
  }

  /** Forgets it, such as when it was refused. */
  forget(): void {
    this.#known = null;
  }
}
