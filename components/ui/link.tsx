"use client";

import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link that reads ahead once the reader means it: with the pointer on it, a finger or the focus. Next reads ahead for every link in view, which is a dozen
 * renderings for each page that anybody opens, forty more for a list of runs, all while the page itself still asks for what it shows.
 */
export function Link({ prefetch, onMouseEnter, onTouchStart, onFocus, ...rest }: ComponentProps<typeof NextLink>) {
  const [isMeant, setMeant] = useState(false);
  return (
    <NextLink
      prefetch={prefetch ?? (isMeant ? null : false)}
      onMouseEnter={(event) => {
        setMeant(true);
        onMouseEnter?.(event);
      }}
      onTouchStart={(event) => {
        setMeant(true);
        onTouchStart?.(event);
      }}
      onFocus={(event) => {
        setMeant(true);
        onFocus?.(event);
      }}
      {...rest}
    />
  );
}
