import { murmur3 } from "#server/kernel/murmur3.ts";

/**
 * Which predictions a log keeps that keeps a share of them: those whose id hashes low enough. The same id is kept or left out by every process, of the
 * champion and of its shadows, and a larger share keeps those of a smaller one.
 */
export function sampler(share: number): (predictionId: string) => boolean {
  if (share >= 1) return () => true;
  const limit = share * 2 ** 32;
  return (predictionId) => murmur3(predictionId) < limit;
}
