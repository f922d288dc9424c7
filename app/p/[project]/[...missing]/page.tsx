import { notFound } from "next/navigation";

/** An address below a project that leads nowhere: said inside the frame, where the way back is. */
export default function MissingPage(): never {
  notFound();
}
