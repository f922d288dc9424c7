/** A person of the development identity provider. `handle` is also the subject ("sub") of its identity. */
export type DemoPerson = {
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  /** The group the provider states, as a company's provider would name it. */
  readonly group: "data_scientist" | "reviewer" | "stakeholder" | "admin";
  readonly title: string;
  /** What they come for, in one line. */
  readonly sees: string;
};

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  {
    handle: "alice",
    name: "Alice Martin",
    email: "alice@example.com",
    group: "data_scientist",
    title: "Data scientist",
    sees: "Data, code and pipelines; requests promotions",
  },
  {
    handle: "bob",
    name: "Bob Keller",
    email: "bob@example.com",
    group: "reviewer",
    title: "Reviewer",
    sees: "Requests waiting for a decision, with their evidence",
  },
  {
    handle: "carol",
    name: "Carol Osei",
    email: "carol@example.com",
    group: "stakeholder",
    title: "Stakeholder",
    sees: "What is live and how well it does, in plain words",
  },
  {
    handle: "dave",
    name: "Dave Lind",
    email: "dave@example.com",
    group: "admin",
    title: "Administrator",
    sees: "People, tokens, workers and the audit trail",
  },
];

/** The claims the provider states of a person, roles in the places where Keycloak (`realm_access`) and Okta (`groups`) put them. */
export function claimsOf(person: DemoPerson) {
  return {
    sub: person.handle,
    name: person.name,
    preferred_username: person.handle,
    email: person.email,
    email_verified: true,
    realm_access: { roles: [person.group] },
    groups: [`/touchstone/${person.group}`],
  };
}
