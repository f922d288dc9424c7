import type { Metadata } from "next";
import { notFound } from "next/navigation";

export const metadata: Metadata = { title: "Not found" };

/** An address below a project that leads nowhere: said inside the frame, where the way back is. */
export default function MissingPage(): never {
  notFound();
}
