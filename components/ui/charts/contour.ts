export interface Site {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export type Triangle = readonly [number, number, number];
type Spot = readonly [x: number, y: number];

/** A triangle with the circle through its corners. */
interface Circled {
  readonly corners: Triangle;
  readonly x: number;
  readonly y: number;
  readonly r2: number;
}

/** null for three points on a line, through which there is no circle. */
function circled(corners: Triangle, at: readonly Spot[]): Circled | null {
  const [[ax, ay], [bx, by], [cx, cy]] = corners.map((i) => at[i] ?? [0, 0]) as unknown as readonly [Spot, Spot, Spot];
  const [ux, uy, vx, vy] = [bx - ax, by - ay, cx - ax, cy - ay];
  const d = 2 * (ux * vy - uy * vx);
  if (d === 0) return null;
  const [u2, v2] = [ux * ux + uy * uy, vx * vx + vy * vy];
  const [x, y] = [(vy * u2 - uy * v2) / d, (ux * v2 - vx * u2) / d];
  return { corners, x: ax + x, y: ay + y, r2: x * x + y * y };
}

/**
 * The Delaunay triangulation of points in the plane (Bowyer 1981, Watson 1981): no point lies inside the circle through a triangle's corners. Points come from
 * left to right, and a triangle whose circle lies left of all that come is never looked at again (Bourke 1989), so that thousands take milliseconds.
 * Returns indices into `points`; empty when they are fewer than three or lie on a line. Points that coincide should be joined before.
 */
export function triangulate(points: readonly Spot[]): Triangle[] {
  const extent = (of: 0 | 1): Spot =>
    points.reduce<Spot>(
      ([low, high], point) => [Math.min(low, point[of]), Math.max(high, point[of])],
      [Infinity, -Infinity],
    );
  const [[left, right], [bottom, top]] = [extent(0), extent(1)];
  const [width, height] = [right - left, top - bottom];
  if (points.length < 3 || !(width > 0) || !(height > 0)) return [];
  // Both sides count alike, whatever their units. A shift far below what can be drawn parts points that lie on one circle, as those of a grid do.
  const at: Spot[] = points.map(([x, y], i) => [
    (x - left) / width + 1e-9 * Math.sin(i * 12.9898),
    (y - bottom) / height + 1e-9 * Math.cos(i * 78.233),
  ]);
  const n = at.length;
  at.push([-30, -30], [61, -30], [0.5, 61]);
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => (at[a]?.[0] ?? 0) - (at[b]?.[0] ?? 0));
  const done: Triangle[] = [];
  const whole = circled([n, n + 1, n + 2], at);
  let open: Circled[] = whole ? [whole] : [];
  for (const p of order) {
    const [px, py] = at[p] ?? [0, 0];
    const edges = new Map<number, readonly [number, number]>();
    const kept: Circled[] = [];
    for (const circle of open) {
      const [dx, dy] = [px - circle.x, py - circle.y];
      if (dx > 0 && dx * dx > circle.r2) done.push(circle.corners);
      else if (dx * dx + dy * dy > circle.r2) kept.push(circle);
      else
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 0],
        ] as const) {
          const [u, v] = [circle.corners[from], circle.corners[to]];
          const key = Math.min(u, v) * (n + 3) + Math.max(u, v);
          if (!edges.delete(key)) edges.set(key, [u, v]);
        }
    }
    for (const [u, v] of edges.values()) {
      const circle = circled([u, v, p], at);
      if (circle) kept.push(circle);
    }
    open = kept;
  }
  return [...done, ...open.map(({ corners }) => corners)].filter(
    (t) => t.every((corner) => corner < n) && Math.abs(area(t, at)) > 1e-7,
  );
}

function area([a, b, c]: Triangle, at: readonly Spot[]): number {
  const [[ax, ay], [bx, by], [cx, cy]] = [at[a] ?? [0, 0], at[b] ?? [0, 0], at[c] ?? [0, 0]];
  return (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
}

/** Sites at the same place joined into one with the mean of their values. */
export function joined(sites: readonly Site[]): (Site & { readonly count: number })[] {
  const found = new Map<string, { x: number; y: number; z: number; count: number }>();
  for (const { x, y, z } of sites) {
    const key = `${x} ${y}`;
    const one = found.get(key) ?? { x, y, z: 0, count: 0 };
    found.set(key, { ...one, z: one.z + z, count: one.count + 1 });
  }
  return Array.from(found.values(), (one) => ({ ...one, z: one.z / one.count }));
}

/** The value at a place, on the plane through the corners of the triangle around it; null outside of all triangles. */
export function interpolate(
  sites: readonly Site[],
  triangles: readonly Triangle[],
  x: number,
  y: number,
): number | null {
  for (const [i, j, k] of triangles) {
    const [a, b, c] = [sites[i], sites[j], sites[k]];
    if (a === undefined || b === undefined || c === undefined) continue;
    const whole = (b.y - c.y) * (a.x - c.x) + (c.x - b.x) * (a.y - c.y);
    const u = ((b.y - c.y) * (x - c.x) + (c.x - b.x) * (y - c.y)) / whole;
    const v = ((c.y - a.y) * (x - c.x) + (a.x - c.x) * (y - c.y)) / whole;
    const w = 1 - u - v;
    if (u >= -1e-9 && v >= -1e-9 && w >= -1e-9) return u * a.z + v * b.z + w * c.z;
  }
  return null;
}

/** The part of a triangle whose interpolated values lie from `low` to `high`: a convex polygon, empty when there is none. */
export function bandOf(corners: readonly [Site, Site, Site], low: number, high: number): Spot[] {
  const above = cut([...corners], (site) => site.z - low);
  return cut(above, (site) => high - site.z).map(({ x, y }) => [x, y]);
}

/** The corners of a polygon where `side` is not negative, with new ones where an edge crosses 0 (Sutherland and Hodgman 1974). */
function cut(polygon: readonly Site[], side: (site: Site) => number): Site[] {
  return polygon.flatMap((site, i) => {
    const next = polygon[(i + 1) % polygon.length] ?? site;
    const [here, there] = [side(site), side(next)];
    const crossing = here < 0 !== there < 0 && here !== there ? [between(site, next, here / (here - there))] : [];
    return here >= 0 ? [site, ...crossing] : crossing;
  });
}

function between(a: Site, b: Site, t: number): Site {
  return { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t, z: a.z + (b.z - a.z) * t };
}
