import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Adapter, AdapterPayload } from "oidc-provider";

/** `until` is a time in seconds since 1970; absent for what never expires. */
type Entry = { payload: AdapterPayload; until?: number };

export type IdpStore = {
  adapterFor(model: string): Adapter;
  /** Writes what is not yet on disk. */
  flush(): void;
};

const SAVE_AFTER_MS = 250;
/** What revoking a grant ends besides the grant itself. */
const OF_A_GRANT = ["AccessToken", "AuthorizationCode", "RefreshToken"];

const nowSeconds = () => Math.floor(Date.now() / 1000);

/**
 * The provider's sessions, grants and tokens, in memory and in one file (0600), so that people stay signed in when the launcher is started
 * again. Meant for a handful of people: every change writes the whole file, at most four times a second.
 */
export function openIdpStore(file: string): IdpStore {
  const entries = new Map<string, Entry>(load(file));
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    if (timer === undefined) return;
    timer = undefined;
    const live = [...entries].filter(([, entry]) => !isOver(entry));
    writeFileSync(`${file}.new`, JSON.stringify(live), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const changed = () => {
    timer ??= setTimeout(flush, SAVE_AFTER_MS);
  };
  const read = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (!isOver(entry)) return entry.payload;
    entries.delete(key);
    return undefined;
  };
  const findWhere = (model: string, field: "uid" | "userCode", value: string) => {
    for (const [key, entry] of entries)
      if (key.startsWith(`${model}:`) && entry.payload[field] === value) return read(key);
    return undefined;
  };

  return {
    flush,
    adapterFor: (model) => ({
      async upsert(id, payload, expiresIn) {
        entries.set(`${model}:${id}`, {
          payload,
          ...(expiresIn === undefined ? {} : { until: nowSeconds() + expiresIn }),
        });
        changed();
      },
      async find(id) {
        return read(`${model}:${id}`);
      },
      async findByUid(uid) {
        return findWhere(model, "uid", uid);
      },
      async findByUserCode(userCode) {
        return findWhere(model, "userCode", userCode);
      },
      async consume(id) {
        const payload = read(`${model}:${id}`);
        if (payload !== undefined) payload.consumed = nowSeconds();
        changed();
      },
      async destroy(id) {
        entries.delete(`${model}:${id}`);
        changed();
      },
      async revokeByGrantId(grantId) {
        for (const [key, entry] of entries) {
          const ofGrant = OF_A_GRANT.some((name) => key.startsWith(`${name}:`));
          if (ofGrant && entry.payload.grantId === grantId) entries.delete(key);
        }
        changed();
      },
    }),
  };
}

function isOver(entry: Entry): boolean {
  return entry.until !== undefined && entry.until <= nowSeconds();
}

function load(file: string): [string, Entry][] {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) return [];
  try {
    return JSON.parse(readFileSync(file, "utf8")) as [string, Entry][];
  } catch {
    return []; // a file cut short by a full disk costs a sign-in, not the start
  }
}
