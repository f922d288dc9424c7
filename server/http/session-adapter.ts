import type { Adapter, AdapterAccount, AdapterUser } from "next-auth/adapters";
import { freeHandle, sessionHash } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { issuerKey } from "./session-refresh.ts";

interface Row {
  id: string;
  name: string;
  email: string;
}
const adapterUser = ({ id, name, email }: Row): AdapterUser => ({ id, name, email, emailVerified: null });

/**
 * Sessions in Postgres: revocable, a short cookie, and refresh tokens that never leave the server. Identities are keyed by issuer and subject, never
 * by e-mail, because two issuers may both claim an address.
 */
export function sessionAdapter(): Adapter {
  return {
    async createUser(wished: Omit<AdapterUser, "id"> & { handle?: string; platformRoles?: string[] }) {
      const db = prisma();
      const handle = await freeHandle(db, wished.handle ?? wished.email);
      return adapterUser(
        await db.user.create({
          data: { handle, name: wished.name ?? handle, email: wished.email, platformRoles: wished.platformRoles ?? [] },
        }),
      );
    },
    async getUser(id) {
      const row = await prisma().user.findUnique({ where: { id } });
      return row && adapterUser(row);
    },
    getUserByEmail: () => Promise.resolve(null),
    async getUserByAccount({ providerAccountId }) {
      const row = await prisma().account.findUnique({
        where: { issuer_subject: { issuer: issuerKey(), subject: providerAccountId } },
        include: { user: true },
      });
      return row && adapterUser(row.user);
    },
    async updateUser(user) {
      const { id, name, email } = user;
      return adapterUser(
        await prisma().user.update({ where: { id }, data: { ...(name ? { name } : {}), ...(email ? { email } : {}) } }),
      );
    },
    async linkAccount(account: AdapterAccount) {
      await prisma().account.create({
        data: { issuer: issuerKey(), subject: account.providerAccountId, userId: account.userId },
      });
    },
    async createSession(session) {
      await prisma().session.create({
        data: { tokenHash: sessionHash(session.sessionToken), userId: session.userId, expires: session.expires },
      });
      return session;
    },
    async getSessionAndUser(sessionToken) {
      const row = await prisma().session.findUnique({
        where: { tokenHash: sessionHash(sessionToken) },
        include: { user: true },
      });
      if (!row || row.expires <= new Date()) return null;
      return { session: { sessionToken, userId: row.userId, expires: row.expires }, user: adapterUser(row.user) };
    },
    async updateSession(session) {
      if (session.expires)
        await prisma().session.updateMany({
          where: { tokenHash: sessionHash(session.sessionToken) },
          data: { expires: session.expires },
        });
      return null;
    },
    async deleteSession(sessionToken) {
      await prisma().session.deleteMany({ where: { tokenHash: sessionHash(sessionToken) } });
    },
  };
}
