/** A short name that a project's name suggests: "Flight delays (EU)" → "flight-delays-eu"; at most 40 letters, starting with one. */
export function suggestSlug(name: string): string {
  return name
    .normalize("NFD")
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
}
