/** One field of a request or answer that is not what the schema says. */
export interface Issue {
  /** Where it stands: customer.items[2].price. */
  readonly field: string;
  readonly value?: unknown;
  readonly message: string;
  readonly remedy: string;
}
