import { noteDeparture } from "#components/ui/address.ts";

/** Called by Next when the router sets out for a page. */
export function onRouterTransitionStart(href: string): void {
  noteDeparture(href);
}
